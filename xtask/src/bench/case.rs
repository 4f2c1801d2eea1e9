//! What a benchmark is made of: a case, who takes part, what they are measured by, and the aim.

/// One thing measured, by several programs that do the same.
pub(crate) struct Case {
    pub(crate) title: &'static str,
    /// Why it is measured so, for whoever reads the figures.
    pub(crate) note: &'static str,
    /// The last argument of each measuring program: how often, or how long.
    pub(crate) amount: u32,
    pub(crate) figures: &'static [Figure],
    /// The first is what the others are compared with.
    pub(crate) contestants: &'static [Contestant],
    pub(crate) aims: &'static [Aim],
    /// Whether the instructions of one turn are counted too: then `amount` is a count of turns.
    pub(crate) instructions: Instructions,
}

/// Whether instructions are counted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Instructions {
    Counted,
    NotCounted,
}

/// A figure, as the programs print it and as the table shows it.
pub(crate) struct Figure {
    /// `name=value`, as printed.
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    /// Whether the ratio to the first contestant says something.
    pub(crate) compared: bool,
}

/// A program, or a server and the program that measures it.
pub(crate) struct Contestant {
    pub(crate) name: &'static str,
    /// Says `listening on …:<port>`, or `listening <port>`; the measuring program gets that port and this process's number.
    pub(crate) server: Option<Line>,
    pub(crate) program: Line,
}

/// A program and its arguments.
pub(crate) type Line = (Program, &'static [&'static str]);

/// Where a program comes from.
#[derive(Clone, Copy)]
pub(crate) enum Program {
    /// `bench/<topic>/<name>.c`, of any topic.
    C(&'static str),
    /// `bench/<topic>/<name>.py`, of this topic.
    Python(&'static str),
    /// The binary of `bench/`, in the house's release profile.
    Ours,
    /// The same without optimisation across crates, as cargo's own release profile builds it.
    Plain,
    /// What users run, in the same profile as ours, on the first core.
    Landline,
    /// A program that is on the machine, on the first core.
    Installed(&'static str),
}

/// How a contestant should stand beside another: a ratio of medians of one figure, round by round.
pub(crate) struct Aim {
    pub(crate) of: &'static str,
    pub(crate) to: &'static str,
    pub(crate) figure: &'static str,
    pub(crate) bound: Bound,
}

#[derive(Clone, Copy)]
pub(crate) enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

impl Bound {
    pub(crate) fn holds(self, ratio: f64) -> bool {
        match self {
            Self::AtMost(limit) => ratio <= limit,
            Self::AtLeast(limit) => ratio >= limit,
        }
    }
}
