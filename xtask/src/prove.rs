//! `cargo xtask prove`: the long cases, and their figures into `bench/RESULTS.md`.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::machine;
use crate::manifest::Manifest;
use crate::process::{cargo, find, run as run_through, run_lines, says};
use crate::results;

pub(crate) const DEFAULT_SECONDS: u64 = 60;
const SECTION: &str = "cargo xtask prove";

/// Coverage feedback by the compiler's own pass, which stable has; only the sanitizers need nightly,
/// and where `unsafe` is forbidden they have nothing to find.
const FUZZ_FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 --cfg fuzzing";

/// One long case: what it is called, and its figures or why it failed.
struct Case {
    name: String,
    outcome: Result<String, String>,
}

/// Runs every long case and keeps the result, also a bad one.
///
/// # Errors
/// If a case failed, or the result cannot be written.
pub(crate) fn run(root: &Path, seconds: u64) -> Result<(), String> {
    let mut cases = fuzz(root, seconds)?;
    for (package, about) in with_long_tests(root) {
        cases.extend(long_tests(root, package, about));
    }
    if cases.is_empty() {
        return Err("there is nothing to prove".to_owned());
    }
    results::keep(root, SECTION, &table(&machine::facts(root), &cases))?;
    let failed: Vec<&str> = cases
        .iter()
        .filter(|case| case.outcome.is_err())
        .map(|case| case.name.as_str())
        .collect();
    if failed.is_empty() {
        println!("\n{} cases held; see {}", cases.len(), results::PAGE);
        Ok(())
    } else {
        Err(format!("failed: {}", failed.join(", ")))
    }
}

/// Every target of `fuzz/`, built on stable and run for `seconds` each.
fn fuzz(root: &Path, seconds: u64) -> Result<Vec<Case>, String> {
    let targets = fuzz_targets(root);
    if targets.is_empty() {
        return Ok(Vec::new());
    }
    if find("c++").is_none() {
        return Err("fuzzing needs a C++ compiler: apt-get install g++".to_owned());
    }
    let host = host()?;
    println!("── building {} fuzz targets", targets.len());
    // With a target named, the flags reach neither build scripts nor procedural macros.
    run_through(
        cargo(root)
            .args(["build", "--release", "--locked"])
            .args(["--manifest-path", "fuzz/Cargo.toml", "--target", &host])
            .args(["--target-dir", "target/fuzz"])
            .env("RUSTFLAGS", FUZZ_FLAGS),
    )?;
    let programs = root.join("target/fuzz").join(host).join("release");
    Ok(targets
        .iter()
        .map(|target| Case {
            name: format!("fuzz {target}"),
            outcome: fuzz_one(root, &programs.join(target), target, seconds),
        })
        .collect())
}

fn fuzz_one(root: &Path, program: &Path, target: &str, seconds: u64) -> Result<String, String> {
    println!("── fuzz {target}, {seconds} s");
    let kept = root.join("fuzz/corpus").join(target);
    // New inputs go to the first folder; the corpus in the repository is only read.
    let found = root.join("target/fuzz/corpus").join(target);
    let crashes = root.join("target/fuzz/crashes").join(target);
    for folder in [&found, &crashes] {
        fs::create_dir_all(folder)
            .map_err(|why| format!("cannot make {}: {why}", folder.display()))?;
    }
    let mut command = Command::new(program);
    command
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-artifact_prefix={}/", crashes.display()))
        .args([
            "-max_len=4096",
            "-timeout=10",
            "-rss_limit_mb=2048",
            "-print_final_stats=1",
        ])
        .arg(&found)
        .stdin(Stdio::null());
    if kept.is_dir() {
        command.arg(&kept);
    }
    let output = command
        .output()
        .map_err(|why| format!("cannot start {target}: {why}"))?;
    let log = String::from_utf8_lossy(&output.stderr);
    if output.status.success() {
        Ok(figures(&log))
    } else {
        print!("{log}");
        Err(format!(
            "{}; the input is in target/fuzz/crashes/{target}/",
            output.status
        ))
    }
}

/// The figures that libFuzzer closes with.
fn figures(log: &str) -> String {
    let figure = |name: &str| {
        log.lines()
            .rev()
            .find_map(|line| line.strip_prefix(name))
            .map_or("?", str::trim)
    };
    let coverage = log
        .lines()
        .rev()
        .find_map(|line| {
            line.split_whitespace()
                .skip_while(|word| *word != "cov:")
                .nth(1)
        })
        .unwrap_or("?");
    format!(
        "{} runs, {}/s, {coverage} edges, {} MiB at most",
        figure("stat::number_of_executed_units:"),
        figure("stat::average_exec_per_sec:"),
        figure("stat::peak_rss_mb:"),
    )
}

/// What has long tests: the folder, its package, and what they are about. A test target named `prove`
/// in `tests/prove/`, with `test = false`, so that nothing else runs it.
const LONG_TESTS: &[(&str, &str, &str)] = &[
    ("socket", "landline-socket", "servers"),
    ("cli", "landline", "big files and soak"),
];

/// Packages with long tests.
pub(crate) fn with_long_tests(root: &Path) -> impl Iterator<Item = (&'static str, &'static str)> {
    LONG_TESTS
        .iter()
        .filter(move |(folder, ..)| {
            let main = format!("crates/{folder}/tests/prove/main.rs");
            root.join(main).is_file()
        })
        .map(|&(_, package, about)| (package, about))
}

/// The long tests of one package. Each line they print as `prove: <case>: <figures>` is kept.
fn long_tests(root: &Path, package: &str, about: &str) -> Vec<Case> {
    println!("── {about}");
    let begin = Instant::now();
    let mut cases = Vec::new();
    let ended = run_lines(
        cargo(root)
            .args(["test", "--release", "--locked", "--all-features"])
            .args(["--package", package])
            .args(["--test", "prove", "--", "--nocapture", "--test-threads=1"]),
        |line| {
            if let Some((name, outcome)) = case_line(line) {
                cases.push(Case {
                    name: name.to_owned(),
                    outcome: Ok(outcome.to_owned()),
                });
            }
        },
    );
    cases.push(Case {
        name: format!("{about}, as a whole"),
        outcome: ended.map(|()| format!("{:.0} s", begin.elapsed().as_secs_f64())),
    });
    cases
}

/// `prove: <case>: <figures>`, also behind the harness's own `test name ... `, which ends no line.
fn case_line(line: &str) -> Option<(&str, &str)> {
    let (_, case) = line.split_once("prove: ")?;
    case.split_once(": ")
}

/// The programs that `fuzz/Cargo.toml` names.
fn fuzz_targets(root: &Path) -> Vec<String> {
    let manifest = fs::read_to_string(root.join("fuzz/Cargo.toml")).unwrap_or_default();
    Manifest::parse(&manifest)
        .entries
        .iter()
        .filter(|entry| entry.section == "bin" && entry.key == "name")
        .map(|entry| entry.value.trim_matches('"').to_owned())
        .collect()
}

fn host() -> Result<String, String> {
    says("rustc", &["-vV"])
        .and_then(|text| {
            text.lines()
                .find_map(|line| line.strip_prefix("host: "))
                .map(str::to_owned)
        })
        .ok_or_else(|| "rustc does not say its host".to_owned())
}

fn table(facts: &str, cases: &[Case]) -> String {
    let mut text = format!("{facts}.\n\n| case | result |\n|---|---|\n");
    for case in cases {
        let result = match &case.outcome {
            Ok(figures) => figures.clone(),
            Err(why) => format!("**FAILED**: {why}"),
        };
        text.push_str(&format!(
            "| {} | {} |\n",
            case.name,
            result.replace('|', "/")
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Case, case_line, figures, table};

    #[test]
    fn the_fuzzers_closing_figures_are_read() {
        let log = "#2\tINITED cov: 12 ft: 13 corp: 1/1b\n#900\tDONE   cov: 481 ft: 900 corp: 77/3Kb\n\
            stat::number_of_executed_units: 900\nstat::average_exec_per_sec:     450\nstat::peak_rss_mb: 38\n";
        assert_eq!(figures(log), "900 runs, 450/s, 481 edges, 38 MiB at most");
        assert_eq!(figures(""), "? runs, ?/s, ? edges, ? MiB at most");
    }

    #[test]
    fn a_case_line_is_found_behind_the_harness() {
        assert_eq!(
            case_line("test big ... prove: 5 GiB down: 3.1 GiB/s"),
            Some(("5 GiB down", "3.1 GiB/s"))
        );
        assert_eq!(case_line("test big ... ok"), None);
    }

    #[test]
    fn a_failed_case_is_kept_as_failed() {
        let cases = [
            Case {
                name: "a".to_owned(),
                outcome: Ok("1 | 2".to_owned()),
            },
            Case {
                name: "b".to_owned(),
                outcome: Err("cut".to_owned()),
            },
        ];
        assert_eq!(
            table("facts", &cases),
            "facts.\n\n| case | result |\n|---|---|\n| a | 1 / 2 |\n| b | **FAILED**: cut |\n"
        );
    }
}
