//! Rust source with what is not code blanked out: comments, literals and, if asked, tests.

use std::ops::Range;

/// The code alone: each character of a comment or literal becomes a space, lines stay where they are.
pub(crate) fn code(text: &str) -> String {
    let mut rest = text;
    let mut code = String::with_capacity(text.len());
    while let Some(first) = rest.chars().next() {
        let blank = blank_len(rest, code.chars().next_back());
        let taken = if blank > 0 { blank } else { first.len_utf8() };
        let (head, tail) = rest.split_at(taken);
        if blank > 0 {
            code.extend(head.chars().map(|c| if c == '\n' { c } else { ' ' }));
        } else {
            code.push(first);
        }
        rest = tail;
    }
    code
}

/// How many bytes at the start are a comment or a literal; 0 if they are code.
fn blank_len(rest: &str, before: Option<char>) -> usize {
    let in_word = before.is_some_and(is_word);
    if rest.starts_with("//") {
        rest.find('\n').unwrap_or(rest.len())
    } else if rest.starts_with("/*") {
        block_comment_len(rest)
    } else if rest.starts_with('"') {
        string_len(rest)
    } else if rest.starts_with('\'') {
        character_len(rest)
    } else if rest.starts_with(['r', 'b', 'c']) && !in_word {
        raw_string_len(rest)
    } else {
        0
    }
}

fn block_comment_len(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

fn string_len(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// A character literal, or 0 for a lifetime.
fn character_len(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(1);
    match (chars.next(), chars.next()) {
        (Some((_, '\\')), Some(_)) => rest[3..].find('\'').map_or(rest.len(), |at| at + 4),
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 0,
    }
}

/// A raw string (`r#"…"#`, with `b` or `c` before it), or 0; other prefixed literals are found at their quote.
fn raw_string_len(rest: &str) -> usize {
    let body = rest.trim_start_matches(['b', 'c']);
    let Some(body) = body.strip_prefix('r') else {
        return 0;
    };
    let hashes = body.len() - body.trim_start_matches('#').len();
    if !body[hashes..].starts_with('"') {
        return 0;
    }
    let start = rest.len() - body.len() + hashes + 1;
    let end = format!("\"{}", "#".repeat(hashes));
    rest[start..]
        .find(&end)
        .map_or(rest.len(), |at| start + at + end.len())
}

/// Code without its test modules: what follows `#[cfg(test)]`, up to its closing brace or semicolon.
pub(crate) fn without_tests(code: &str) -> String {
    let mut kept = String::with_capacity(code.len());
    let mut at = 0;
    for tests in tests(code) {
        kept.push_str(&code[at..tests.start]);
        kept.extend(code[tests.clone()].chars().filter(|c| *c == '\n'));
        at = tests.end;
    }
    kept.push_str(&code[at..]);
    kept
}

/// Where the test modules of code are.
pub(crate) fn tests(code: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (start, _) in code.match_indices("#[cfg(test)]") {
        if found.last().is_none_or(|last| start >= last.end) {
            found.push(start..start + item_len(&code[start..]));
        }
    }
    found
}

fn item_len(item: &str) -> usize {
    let mut depth = 0_usize;
    for (at, c) in item.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            ';' if depth == 0 => return at + 1,
            _ => {}
        }
    }
    item.len()
}

/// The lines, counted from 1, in which `word` stands, not as part of a longer name.
pub(crate) fn lines_with<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    code.lines()
        .enumerate()
        .filter(move |(_, line)| has_word(line, word))
        .map(|(at, _)| at + 1)
}

/// Whether `word` stands in the text, not as part of a longer name.
pub(crate) fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + word.len()..].chars().next();
        let opens = !word.starts_with(is_word) || !before.is_some_and(is_word);
        let closes = !word.ends_with(is_word) || !after.is_some_and(is_word);
        opens && closes
    })
}

pub(crate) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The names that a path goes on with: `a` of `a::b`; `a` and `c` of `{a::b, c::{d, e}}`.
pub(crate) fn first_names(path: &str) -> Vec<String> {
    let Some(group) = path.strip_prefix('{') else {
        return vec![first_word(path)];
    };
    let mut depth = 0_usize;
    let mut ended = false;
    group
        .split(|c| {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => ended = true,
                '}' => depth -= 1,
                _ => {}
            }
            c == ',' && depth == 0 && !ended
        })
        .map(first_word)
        .collect()
}

fn first_word(text: &str) -> String {
    text.trim_start()
        .chars()
        .take_while(|c| is_word(*c))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{code, first_names, has_word, lines_with, without_tests};

    #[test]
    fn comments_and_literals_are_blank_and_lines_stay() {
        for (text, left) in [
            ("a // unsafe\nb", "a          \nb"),
            ("a /* x /* y */ \n z */ b", "a              \n      b"),
            (r#"f("un\"safe") g"#, "f(          ) g"),
            ("f(r#\"a\"b\"#) g", "f(        ) g"),
            ("f(br\"a\") g", "f(     ) g"),
            ("x('\\'', 'a', 'é') y", "x(    ,    ,    ) y"),
            ("fn f<'a>(x: &'a str) {}", "fn f<'a>(x: &'a str) {}"),
            ("for r in bar {}", "for r in bar {}"),
        ] {
            assert_eq!(code(text), left, "{text}");
        }
    }

    #[test]
    fn tests_are_blank_and_the_rest_stays() {
        let text = "a\n#[cfg(test)]\nuse x;\nb\n#[cfg(test)]\nmod t {\n { c }\n}\nd\n";
        let left = without_tests(text);
        assert_eq!(left.split_whitespace().collect::<Vec<_>>(), ["a", "b", "d"]);
        assert_eq!(left.lines().count(), text.lines().count());
    }

    #[test]
    fn a_word_is_not_part_of_a_name() {
        assert!(has_word("x = unsafe{", "unsafe"));
        assert!(!has_word("allow(unsafe_code)", "unsafe"));
        assert!(has_word("println!(", "println!"));
        assert!(!has_word("eprintln!(", "println!"));
        assert_eq!(lines_with("a\nb a\nab", "a").collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn groups_are_read() {
        assert_eq!(first_names("a::b;"), ["a"]);
        assert_eq!(first_names("a::b, c"), ["a"]);
        assert_eq!(
            first_names("{a::{x, y}, b as c,\n d}; e, f"),
            ["a", "b", "d"]
        );
    }
}
