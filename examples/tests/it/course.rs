//! The course is whole: each lesson is run, listed in both languages, short, and in the manifest.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::headers::commands;
use crate::program::home;

const PAGES: [&str; 2] = ["README.md", "README.zh-CN.md"];

fn read(path: impl AsRef<Path>) -> String {
    let path = home().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The names of the files with this extension, without it.
fn names(folder: &str, extension: &str) -> BTreeSet<String> {
    let files = fs::read_dir(home().join(folder)).unwrap();
    let paths = files.map(|file| file.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
        .collect()
}

/// The lessons, in their order.
pub(crate) fn lessons() -> BTreeSet<String> {
    names("", "rs")
}

#[test]
fn every_lesson_is_run_by_a_test_and_so_is_every_script() {
    let tests: String = names("tests/it", "rs")
        .iter()
        .filter(|name| *name != "course" && *name != "headers")
        .map(|name| read(format!("tests/it/{name}.rs")))
        .collect();
    for lesson in lessons() {
        assert!(
            tests.contains(&format!("\"{lesson}\"")),
            "no test runs {lesson}"
        );
    }
    for script in names("python", "py") {
        // The tests of pairs start both by the lesson's name.
        let is_run = [&script, &script.replace('_', "-")]
            .iter()
            .any(|name| tests.contains(&format!("\"{name}\"")));
        assert!(is_run, "no test runs {script}.py");
        assert!(
            lessons().contains(&script.replace('_', "-")),
            "{script}.py has no lesson"
        );
    }
}

#[test]
fn the_numbers_have_no_gap() {
    let numbers: BTreeSet<u32> = lessons()
        .iter()
        .map(|name| name[..2].parse().unwrap())
        .collect();
    assert!(numbers.into_iter().eq(1..=23));
}

#[test]
fn the_manifest_has_every_lesson_and_nothing_else() {
    let manifest = read("Cargo.toml");
    let listed: BTreeSet<String> = manifest
        .lines()
        .filter_map(|line| line.strip_prefix("path = \"")?.strip_suffix(".rs\""))
        .map(str::to_owned)
        .collect();
    assert_eq!(listed, lessons());
    for lesson in lessons() {
        let named =
            format!("name = \"{lesson}\"\npath = \"{lesson}.rs\"\ntest = false\ndoc = false\n");
        assert!(manifest.contains(&named), "{lesson}");
    }
}

/// `cargo lesson NAME` is what runs the program of that name.
#[test]
fn the_alias_runs_a_lesson() {
    let config = read("../.cargo/config.toml");
    let alias = "lesson = \"run --quiet --package landline-lessons --bin\"";
    assert!(config.lines().any(|line| line == alias), "{config}");
    for lesson in lessons() {
        for (name, _) in commands(&lesson) {
            assert!(lessons().contains(&name), "{lesson}: there is no {name}");
        }
    }
}

#[test]
fn both_pages_list_every_lesson_and_no_other() {
    for page in PAGES {
        let text = read(page);
        let rows = text.lines().filter(|line| line.starts_with("| "));
        let linked: Vec<String> = rows
            .flat_map(targets)
            .filter_map(|target| Some(target.strip_suffix(".rs")?.to_owned()))
            .collect();
        assert_eq!(BTreeSet::from_iter(linked.clone()), lessons(), "{page}");
        assert_eq!(linked.len(), lessons().len(), "{page}: listed twice");
        for command in text.split("cargo lesson ").skip(1) {
            let name = command
                .split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
                .next();
            let name = name.unwrap_or_default();
            assert!(
                lessons().contains(name) || name.is_empty(),
                "{page}: {name}"
            );
        }
    }
}

#[test]
fn links_lead_somewhere() {
    for page in PAGES {
        let text = read(page);
        let targets: Vec<String> = text.lines().flat_map(targets).collect();
        assert!(targets.len() > lessons().len(), "{page}");
        for target in targets {
            let is_there = home().join(&target).exists();
            assert!(is_there || target.contains("://"), "{page}: {target}");
        }
    }
}

/// Two pages with the same headings, drawings, rows and lessons, as far as that can be counted.
#[test]
fn both_pages_have_the_same_parts() {
    let [one, other] = PAGES.map(|page| {
        let text = read(page);
        let count = |opening| {
            text.lines()
                .filter(|line| line.starts_with(opening))
                .count()
        };
        ["## ", "### ", "```", "| ", "- ", "1. "].map(count)
    });
    assert_eq!(one, other);
}

/// The targets of a line's links, without the part that is within the page.
fn targets(line: &str) -> Vec<String> {
    let links = line.split("](").skip(1);
    links
        .filter_map(|rest| rest.split([')', '#']).next())
        .filter(|target| !target.is_empty())
        .map(str::to_owned)
        .collect()
}
