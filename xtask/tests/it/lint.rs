//! Each lint that stands for a rule of the house fires on code that breaks the rule.

use crate::scratch::Scratch;

/// The lint, or the method it refuses, and code that breaks it.
const BROKEN: &[(&str, &str)] = &[
    ("clippy::print_stdout", "pub fn a() { println!(); }"),
    ("clippy::print_stderr", "pub fn b() { eprintln!(); }"),
    ("clippy::dbg_macro", "pub fn c() { dbg!(1); }"),
    ("clippy::exit", "pub fn d() { std::process::exit(1); }"),
    ("clippy::todo", "pub fn e() { todo!(); }"),
    ("clippy::unimplemented", "pub fn f() { unimplemented!(); }"),
    (
        "`std::thread::sleep`",
        "pub fn g() { std::thread::sleep(std::time::Duration::ZERO); }",
    ),
    (
        "`std::process::exit`",
        "pub fn h() { std::process::exit(1); }",
    ),
    (
        "`std::env::var`",
        "pub fn i() -> bool { std::env::var(\"A\").is_ok() }",
    ),
    (
        "`std::env::var_os`",
        "pub fn j() -> bool { std::env::var_os(\"A\").is_some() }",
    ),
    (
        "`std::env::vars`",
        "pub fn k() -> usize { std::env::vars().count() }",
    ),
    (
        "unsafe_code",
        "pub fn l(p: &u8) -> u8 { let p: *const u8 = p; unsafe { *p } }",
    ),
    (
        "clippy::undocumented_unsafe_blocks",
        "pub fn m(p: &u8) -> u8 { let p: *const u8 = p; unsafe { *p } }",
    ),
    (
        "clippy::missing_errors_doc",
        "/// Fails.\npub fn n() -> Result<(), u8> { Err(1) }",
    ),
    ("missing_docs", "pub fn o() {}"),
    (
        "unreachable_pub",
        "mod inner { pub fn p() {} }\npub fn q() { inner::p(); }",
    ),
    (
        "clippy::too_many_arguments",
        "pub fn r(_: u8, _: u8, _: u8, _: u8, _: u8, _: u8) {}",
    ),
    (
        "clippy::fn_params_excessive_bools",
        "pub fn s(_: bool, _: bool) {}",
    ),
    (
        "clippy::struct_excessive_bools",
        "pub struct T { pub a: bool, pub b: bool, pub c: bool, pub d: bool }",
    ),
];

#[test]
fn every_lint_of_the_house_fires() {
    let mut source = "//! Broken.\n".to_owned();
    let mut places = Vec::new();
    for (lint, code) in BROKEN {
        let first = source.lines().count() + 1;
        source.push_str(code);
        source.push('\n');
        places.push((*lint, first..=source.lines().count()));
    }
    let first = source.lines().count() + 1;
    source.push_str(&format!("pub fn u() {{\n{}}}\n", "    q();\n".repeat(61)));
    places.push(("clippy::too_many_lines", first..=first));
    let said = Scratch::new("broken", &source).clippy();
    for (lint, lines) in places {
        let fired = said.lines().any(|message| {
            message.contains(lint)
                && lines
                    .clone()
                    .any(|line| message.contains(&format!("\"line_start\":{line},")))
        });
        assert!(fired, "{lint} is silent at {lines:?}\n{source}\n{said}");
    }
}

#[test]
fn code_that_keeps_the_rules_is_left_alone() {
    let source = "//! Sound.\n\n/// Succeeds.\n///\n/// # Errors\n/// Never.\n\
        pub fn a(_: bool) -> Result<(), u8> {\n    Ok(())\n}\n";
    let said = Scratch::new("sound", source).clippy();
    assert!(!said.contains("\"reason\":\"compiler-message\""), "{said}");
}
