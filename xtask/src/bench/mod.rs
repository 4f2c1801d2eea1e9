//! `cargo xtask bench`: ours beside its peers in one run, and the figures into `bench/RESULTS.md`.

mod case;
mod network;
mod programs;
mod run;
mod socket;
mod statistics;
mod table;
mod talk;

use std::path::Path;

use case::Case;
use programs::Programs;
use statistics::Samples;

use crate::machine;
use crate::results;

/// Enough for a median that stays where it is, in under four minutes.
pub(crate) const DEFAULT_ROUNDS: u32 = 15;

/// What can be measured: a list of cases for each.
const TOPICS: &[(&str, &[Case])] = &[("socket", socket::CASES), ("talk", talk::CASES)];

/// Measures a topic and keeps the result, whether the aims are met or not.
///
/// # Errors
/// If there is no such topic, a program cannot be built or fails, or the result cannot be written.
pub(crate) fn run(root: &Path, topic: &str, rounds: u32) -> Result<(), String> {
    let (_, cases) = TOPICS
        .iter()
        .find(|(name, _)| *name == topic)
        .ok_or_else(|| format!("there is nothing to measure called {topic}"))?;
    let programs = Programs::build(root, topic)?;
    if topic == talk::TOPIC && !network::is_own() {
        return network::enter(&["bench", topic, "--rounds", &rounds.to_string()]);
    }
    let mut samples: Vec<Samples> = cases.iter().map(Samples::of).collect();
    for round in 0..rounds {
        println!("── round {} of {rounds}", round + 1);
        for (case, samples) in cases.iter().zip(&mut samples) {
            samples.add(run::round(case, &programs, round)?);
        }
    }
    println!("── counting instructions");
    for (case, samples) in cases.iter().zip(&mut samples) {
        samples.instructions = run::instructions(case, &programs)?;
    }
    let facts = format!(
        "{}; {}. Medians of {rounds} rounds (lowest to highest); in each, everybody runs once, in turn.",
        machine::facts(root),
        programs.versions()
    );
    let body = table::page(&facts, cases, &samples);
    println!("\n{body}");
    results::keep(root, &format!("cargo xtask bench {topic}"), &body)
}
