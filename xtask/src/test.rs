//! `cargo xtask test`: everything a change must pass, cheapest first, with the tests counted.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::process::{cargo, run as run_through, run_lines};
use crate::{packages, prove, tidy};

struct Step {
    name: &'static str,
    run: fn(&Path, &mut Counts) -> Result<(), String>,
}

/// Cheapest first. Clippy, docs, build and tests use one profile and one set of features, so that
/// each dependency is checked once and built once.
const STEPS: &[Step] = &[
    Step {
        name: "packages",
        run: |_, _| packages::ensure(),
    },
    Step {
        name: "tidy",
        run: |root, _| tidy::run(root),
    },
    Step {
        name: "format",
        run: |root, _| run_through(cargo(root).args(["fmt", "--all", "--check"])),
    },
    Step {
        name: "clippy",
        run: |root, _| clippy(root, &["--workspace", "--all-features", "--all-targets"]),
    },
    Step {
        name: "clippy, the long tests",
        run: |root, _| match prove::with_long_tests(root).next() {
            Some(_) => clippy(root, &["--workspace", "--all-features", "--test", "prove"]),
            None => Ok(()),
        },
    },
    Step {
        name: "clippy, socket without a runtime",
        run: |root, _| clippy(root, &["--package", "landline-socket", "--all-targets"]),
    },
    Step {
        name: "weight of the socket crate",
        run: |root, _| weight(root),
    },
    Step {
        name: "docs",
        run: |root, _| {
            run_through(
                cargo(root)
                    .args(["doc", "--no-deps", "--workspace"])
                    .args(["--all-features", "--locked"])
                    .env("RUSTDOCFLAGS", "-D warnings"),
            )
        },
    },
    Step {
        name: "build",
        run: |root, _| run_through(cargo(root).args(TEST).arg("--no-run")),
    },
    Step {
        name: "tests",
        run: tests,
    },
];

const TEST: &[&str] = &["test", "--workspace", "--all-features", "--locked"];

fn clippy(root: &Path, scope: &[&str]) -> Result<(), String> {
    let mut command = cargo(root);
    command.args(["clippy", "--locked"]).args(scope);
    run_through(command.args(["--", "-D", "warnings"]))
}

/// Fewer crates than this, itself included, come with the blocking sockets.
const SOCKET_CRATES_BELOW: usize = 10;

/// What somebody pulls in who adds landline-socket with its default features.
fn weight(root: &Path) -> Result<(), String> {
    let mut tree = BTreeSet::new();
    run_lines(
        cargo(root)
            .args(["tree", "--locked", "--package", "landline-socket"])
            .args(["--edges", "normal,build", "--prefix", "none"]),
        |line| {
            tree.extend(line.split(' ').next().map(str::to_owned));
        },
    )?;
    judged(&tree)
}

fn judged(tree: &BTreeSet<String>) -> Result<(), String> {
    if !tree.contains("landline-socket") {
        return Err("cargo tree does not name landline-socket".to_owned());
    }
    if let Some(runtime) = tree
        .iter()
        .find(|name| ["tokio", "mio"].contains(&name.as_str()))
    {
        return Err(format!("{runtime} came in without being asked for"));
    }
    match tree.len() {
        few if few < SOCKET_CRATES_BELOW => Ok(()),
        many => Err(format!(
            "{many} crates; fewer than {SOCKET_CRATES_BELOW} are allowed"
        )),
    }
}

/// Unit, integration, browser and doc tests; a failing binary does not hide the ones after it.
fn tests(root: &Path, counts: &mut Counts) -> Result<(), String> {
    run_lines(cargo(root).args(TEST).arg("--no-fail-fast"), |line| {
        counts.add(line);
    })?;
    counts.verdict()
}

/// Runs the steps up to the first that fails, then says how each went; the last line is the count.
///
/// False if a step failed, a test was skipped, or no test ran.
pub(crate) fn passes(root: &Path) -> bool {
    let mut counts = Counts::default();
    let mut report = String::new();
    let mut failure = None;
    let begin = Instant::now();
    for step in STEPS {
        println!("\n── {}", step.name);
        let begin = Instant::now();
        let outcome = (step.run)(root, &mut counts);
        let verdict = if outcome.is_ok() { "ok" } else { "FAILED" };
        println!("── {}: {verdict}, {}", step.name, seconds(begin.elapsed()));
        report.push_str(&line(step.name, begin.elapsed(), verdict));
        if let Err(why) = outcome {
            failure = Some(format!("{}: {why}", step.name));
            break;
        }
    }
    println!("\n── summary\n{report}{}", line("all", begin.elapsed(), ""));
    if let Some(why) = &failure {
        println!("{why}\n");
        counts.spoil();
    }
    println!("{}", counts.shown());
    failure.is_none()
}

fn line(name: &str, taken: Duration, verdict: &str) -> String {
    let text = format!("{name:<34} {:>9}  {verdict}", seconds(taken));
    format!("{}\n", text.trim_end())
}

fn seconds(taken: Duration) -> String {
    format!("{:.1} s", taken.as_secs_f64())
}

/// What the closing lines of the test binaries add up to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    passed: u64,
    failed: u64,
    skipped: u64,
}

impl Counts {
    /// Counts a line if it closes a test binary:
    /// `test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s`.
    fn add(&mut self, line: &str) {
        let Some((_, figures)) = line
            .strip_prefix("test result: ")
            .and_then(|rest| rest.split_once(". "))
        else {
            return;
        };
        for figure in figures.split("; ") {
            let (number, what) = figure.split_once(' ').unwrap_or_default();
            let number = number.parse().unwrap_or(0);
            match what {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" | "filtered out" => self.skipped += number,
                _ => {}
            }
        }
    }

    fn verdict(&self) -> Result<(), String> {
        match self {
            Self { failed: 1.., .. } => Err(format!("{} failed", self.failed)),
            Self { skipped: 1.., .. } => Err(format!(
                "{} skipped: a test that does not run proves nothing",
                self.skipped
            )),
            Self { passed: 0, .. } => Err("no test ran".to_owned()),
            _ => Ok(()),
        }
    }

    /// A step that failed without a failed test counts as one, so that the last line never reads
    /// as success when the run was none.
    fn spoil(&mut self) {
        self.failed = self.failed.max(1);
    }

    fn shown(&self) -> String {
        let mut text = format!("{} passed, {} failed", self.passed, self.failed);
        if self.skipped > 0 {
            text.push_str(&format!(", {} skipped", self.skipped));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::{Counts, judged};

    #[test]
    fn a_runtime_or_a_crowd_in_the_socket_crate_s_tree_is_a_failure() {
        let tree = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(judged(&tree(&["landline-socket", "libc"])), Ok(()));
        assert!(judged(&tree(&["libc"])).is_err());
        assert!(judged(&tree(&["landline-socket", "tokio"])).is_err());
        let crowd = [
            "landline-socket",
            "a",
            "b",
            "c",
            "d",
            "e",
            "f",
            "g",
            "h",
            "i",
        ];
        assert_eq!(
            judged(&tree(&crowd)),
            Err("10 crates; fewer than 10 are allowed".to_owned())
        );
    }

    fn counted(lines: &[&str]) -> Counts {
        let mut counts = Counts::default();
        for line in lines {
            counts.add(line);
        }
        counts
    }

    #[test]
    fn closing_lines_add_up_and_others_do_not_count() {
        let counts = counted(&[
            "running 3 tests",
            "test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
            "test result_is_shown ... ok",
            "test result: FAILED. 40 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s",
            "  test result: ok. 9 passed; 0 failed",
        ]);
        assert_eq!(counts.shown(), "43 passed, 2 failed");
        assert_eq!(counts.verdict(), Err("2 failed".to_owned()));
    }

    #[test]
    fn a_skipped_test_is_a_failure() {
        let counts = counted(&[
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.00s",
        ]);
        assert_eq!(counts.shown(), "3 passed, 0 failed, 3 skipped");
        assert!(counts.verdict().unwrap_err().starts_with("3 skipped"));
    }

    #[test]
    fn no_test_is_a_failure() {
        assert_eq!(counted(&[]).verdict(), Err("no test ran".to_owned()));
        assert_eq!(
            counted(&[
                "test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out"
            ])
            .verdict(),
            Ok(())
        );
    }

    #[test]
    fn a_failed_step_never_reads_as_success() {
        let mut counts = counted(&[]);
        counts.spoil();
        assert_eq!(counts.shown(), "0 passed, 1 failed");
    }
}
