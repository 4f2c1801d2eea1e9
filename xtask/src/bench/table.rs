//! The page of results: a table for each case, and its aims beneath.

use super::case::{Aim, Bound, Case};
use super::statistics::{Samples, Spread};

/// The whole section.
pub(crate) fn page(facts: &str, cases: &[Case], samples: &[Samples]) -> String {
    let mut text = format!("{facts}\n");
    for (case, samples) in cases.iter().zip(samples) {
        text.push_str(&format!("\n### {}\n\n{}\n\n", case.title, case.note));
        text.push_str(&table(case, samples));
        for aim in case.aims {
            text.push_str(&verdict(case, samples, aim));
        }
    }
    text
}

fn table(case: &Case, samples: &Samples) -> String {
    let reference = case.contestants.first().map_or("", |first| first.name);
    let mut head = String::from("| |");
    for figure in case.figures {
        head.push_str(&format!(" {} |", figure.title));
        if figure.compared {
            head.push_str(&format!(" to {reference} |"));
        }
    }
    if !samples.instructions.is_empty() {
        head.push_str(" instructions |");
    }
    let rule = format!("|{}", "---|".repeat(head.matches('|').count() - 1));
    let mut text = format!("{head}\n{rule}\n");
    for (row, contestant) in case.contestants.iter().enumerate() {
        text.push_str(&format!("| {} |", contestant.name));
        for (column, figure) in case.figures.iter().enumerate() {
            let spread = samples.spread(row, column);
            text.push_str(&format!(" {} |", shown(spread, number)));
            if figure.compared && row == 0 {
                text.push_str(" 1 |");
            } else if figure.compared {
                let ratio = samples.ratio(row, 0, column);
                text.push_str(&format!(" {} |", shown(ratio, hundredths)));
            }
        }
        if let Some(count) = samples.instructions.get(row) {
            text.push_str(&format!(" {count:.0} |"));
        }
        text.push('\n');
    }
    text.push('\n');
    text
}

/// `- ours to C, ns a turn: at most 1.03; 1.02, met`.
fn verdict(case: &Case, samples: &Samples, aim: &Aim) -> String {
    let contestant = |name| case.contestants.iter().position(|one| one.name == name);
    let column = case.figures.iter().position(|one| one.name == aim.figure);
    let (Some(of), Some(to), Some(column)) = (contestant(aim.of), contestant(aim.to), column)
    else {
        return format!("- {} to {}: no such aim\n", aim.of, aim.to);
    };
    let ratio = samples.ratio(of, to, column).median;
    let bound = match aim.bound {
        Bound::AtMost(limit) => format!("at most {limit}"),
        Bound::AtLeast(limit) => format!("at least {limit}"),
    };
    let word = match aim.bound.holds(ratio) {
        true => "met",
        false => "**not met**",
    };
    let title = case.figures[column].title;
    format!(
        "- {} to {}, {title}: aim {bound}, is {ratio:.3}: {word}\n",
        aim.of, aim.to
    )
}

fn shown(spread: Spread, number: fn(f64) -> String) -> String {
    // A program that cannot tell says so.
    if spread.median.is_nan() {
        return "-".to_owned();
    }
    format!(
        "{} ({}-{})",
        number(spread.median),
        number(spread.lowest),
        number(spread.highest)
    )
}

fn hundredths(value: f64) -> String {
    format!("{value:.2}")
}

/// As many decimals as say something, and thousands apart.
fn number(value: f64) -> String {
    if value.abs() < 100.0 {
        return format!("{value:.1}");
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::TOPICS;
    use super::super::case::{Aim, Bound, Case, Contestant, Figure, Instructions, Program};
    use super::super::statistics::Samples;
    use super::{number, page};

    const CASE: Case = Case {
        title: "a thing",
        note: "On one core.",
        amount: 1,
        figures: &[
            Figure {
                name: "ns",
                title: "ns",
                compared: true,
            },
            Figure {
                name: "loss",
                title: "lost",
                compared: false,
            },
        ],
        contestants: &[
            Contestant {
                name: "C",
                server: None,
                program: (Program::C("a"), &[]),
            },
            Contestant {
                name: "ours",
                server: None,
                program: (Program::Ours, &[]),
            },
        ],
        aims: &[
            Aim {
                of: "ours",
                to: "C",
                figure: "ns",
                bound: Bound::AtMost(1.03),
            },
            Aim {
                of: "ours",
                to: "C",
                figure: "ns",
                bound: Bound::AtMost(1.2),
            },
        ],
        instructions: Instructions::Counted,
    };

    #[test]
    fn a_case_is_a_table_and_its_aims() {
        let mut samples = Samples::of(&CASE);
        samples.add(vec![vec![1000.0, 0.0], vec![1100.0, 1.5]]);
        samples.add(vec![vec![2000.0, 0.0], vec![2200.0, 2.5]]);
        samples.instructions = vec![39.0, 61.2];
        assert_eq!(
            page("facts.", &[CASE], &[samples]),
            "facts.\n\n### a thing\n\nOn one core.\n\n\
            | | ns | to C | lost | instructions |\n|---|---|---|---|---|\n\
            | C | 1,500 (1,000-2,000) | 1 | 0.0 (0.0-0.0) | 39 |\n\
            | ours | 1,650 (1,100-2,200) | 1.10 (1.10-1.10) | 2.0 (1.5-2.5) | 61 |\n\n\
            - ours to C, ns: aim at most 1.03, is 1.100: **not met**\n\
            - ours to C, ns: aim at most 1.2, is 1.100: met\n"
        );
    }

    #[test]
    fn every_aim_names_what_is_there() {
        for case in TOPICS.iter().flat_map(|(_, cases)| cases.iter()) {
            let mut samples = Samples::of(case);
            let round = vec![vec![1.0; case.figures.len()]; case.contestants.len()];
            samples.add(round);
            let page = page("", std::slice::from_ref(case), &[samples]);
            assert!(!page.contains("no such aim"), "{page}");
        }
    }

    #[test]
    fn numbers_are_readable() {
        assert_eq!(number(1_234_567.8), "1,234,568");
        assert_eq!(number(602.14), "602");
        assert_eq!(number(35.49), "35.5");
        let untold = super::Spread {
            median: f64::NAN,
            lowest: f64::NAN,
            highest: f64::NAN,
        };
        assert_eq!(super::shown(untold, number), "-");
    }
}
