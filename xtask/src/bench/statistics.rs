//! Medians, and ratios taken round by round, so that what slows a whole round slows neither side of one.

use super::case::Case;

/// What was measured of a case.
pub(crate) struct Samples {
    /// By contestant, then by figure, then by round.
    values: Vec<Vec<Vec<f64>>>,
    /// By contestant; none where they were not counted.
    pub(crate) instructions: Vec<f64>,
}

/// The middle of several values, the lowest and the highest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) lowest: f64,
    pub(crate) highest: f64,
}

impl Samples {
    /// None yet.
    pub(crate) fn of(case: &Case) -> Self {
        Self {
            values: vec![vec![Vec::new(); case.figures.len()]; case.contestants.len()],
            instructions: Vec::new(),
        }
    }

    /// One round: the figures of each contestant.
    pub(crate) fn add(&mut self, round: Vec<Vec<f64>>) {
        for (values, figures) in self.values.iter_mut().zip(round) {
            for (values, figure) in values.iter_mut().zip(figures) {
                values.push(figure);
            }
        }
    }

    pub(crate) fn spread(&self, contestant: usize, figure: usize) -> Spread {
        Spread::of(self.values[contestant][figure].clone())
    }

    /// The ratio of one contestant to another by a figure, in each round.
    pub(crate) fn ratio(&self, of: usize, to: usize, figure: usize) -> Spread {
        let own = &self.values[of][figure];
        let others = &self.values[to][figure];
        Spread::of(
            own.iter()
                .zip(others)
                .map(|(own, other)| own / other)
                .collect(),
        )
    }
}

impl Spread {
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
        let last = values.len().saturating_sub(1);
        Self {
            median: f64::midpoint(at(last / 2), at(last.div_ceil(2))),
            lowest: at(0),
            highest: at(last),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Samples, Spread};

    #[test]
    fn the_median_is_the_middle_or_between_the_two() {
        let spread = Spread::of(vec![3.0, 1.0, 10.0]);
        assert_eq!(
            (spread.median, spread.lowest, spread.highest),
            (3.0, 1.0, 10.0)
        );
        assert_eq!(Spread::of(vec![4.0, 1.0, 2.0, 10.0]).median, 3.0);
        assert_eq!(Spread::of(vec![7.0]).median, 7.0);
        assert!(Spread::of(Vec::new()).median.is_nan());
    }

    #[test]
    fn ratios_are_of_the_same_round() {
        let mut samples = Samples {
            values: vec![vec![Vec::new()]; 2],
            instructions: Vec::new(),
        };
        // The second round was slow for both.
        for (one, other) in [(10.0, 11.0), (20.0, 22.0), (10.0, 12.0)] {
            samples.add(vec![vec![one], vec![other]]);
        }
        assert_eq!(samples.spread(1, 0).median, 12.0);
        assert_eq!(samples.ratio(1, 0, 0).median, 1.1);
    }
}
