//! Names: nothing escapes, everything comes back from its address.

use landline_wire::name::{NameError, RelativeName, segment_href};
use proptest::prelude::*;

fn path(text: &str) -> Result<RelativeName, NameError> {
    RelativeName::parse_path(text)
}

fn name(text: &str) -> RelativeName {
    RelativeName::parse(text.as_bytes()).unwrap()
}

#[test]
fn known_escapes_are_refused() {
    use NameError::*;
    for (text, why) in [
        ("/..", Dots),
        ("/../etc/passwd", Dots),
        ("/a/../../b", Dots),
        ("/./a", Dots),
        ("/%2e%2e/etc/passwd", Dots),
        ("/%2E%2e/x", Dots),
        ("/.%2e/x", Dots),
        ("/..%2fetc", Separator),
        ("/%2e%2e%2fetc", Separator),
        ("/%2fetc/passwd", Separator),
        ("/..%5cetc", Separator),
        ("/..\\etc", Separator),
        ("//etc/passwd", EmptySegment),
        ("///", EmptySegment),
        ("//", EmptySegment),
        ("/a//b", EmptySegment),
        ("/a//", EmptySegment),
        ("/a%00.txt", Control),
        ("/a%0d%0ab", Control),
        ("/a%1b[31m", Control),
        ("/a%7f", Control),
        ("/a%", Percent),
        ("/a%2", Percent),
        ("/a%zz", Percent),
        ("/a%+1", Percent),
    ] {
        assert_eq!(path(text), Err(why), "{text}");
    }
    for text in ["/etc/passwd", "/", "//x"] {
        assert_eq!(RelativeName::parse(text.as_bytes()), Err(Absolute));
    }
    for text in ["..", "a/..", "../", "a/./b"] {
        assert_eq!(RelativeName::parse(text.as_bytes()), Err(Dots), "{text}");
    }
}

#[test]
fn percent_is_decoded_exactly_once() {
    assert_eq!(
        path("/%252e%252e/x").unwrap().as_bytes(),
        b"%2e%2e/x",
        "a file may be called %2e%2e"
    );
    assert_eq!(
        RelativeName::parse(b"%2e%2e").unwrap().as_bytes(),
        b"%2e%2e"
    );
}

#[test]
fn overlong_utf8_never_becomes_a_dot_or_a_slash() {
    for (text, bytes) in [
        ("/%c0%ae%c0%ae/x", &b"\xc0\xae\xc0\xae/x"[..]),
        ("/..%c0%af", b"..\xc0\xaf"),
        ("/%e0%80%ae", b"\xe0\x80\xae"),
    ] {
        let name = path(text).unwrap();
        assert_eq!(name.as_bytes(), bytes);
        assert_eq!(name.check_portable(), Err(NameError::NotUtf8));
    }
}

#[test]
fn limits_hold_at_their_edge() {
    let segment = "s".repeat(255);
    assert!(path(&segment).is_ok());
    assert_eq!(path(&format!("{segment}s")), Err(NameError::SegmentTooLong));
    let long = format!("{}{}", format!("{segment}/").repeat(15), "s".repeat(256));
    assert_eq!(path(&long), Err(NameError::SegmentTooLong));
    let whole = [segment.as_str(); 16].join("/");
    assert_eq!(whole.len(), 4095);
    assert!(path(&whole).is_ok());
    assert_eq!(path(&format!("{whole}/s")), Err(NameError::TooLong));
    assert!(path(&["d"; 64].join("/")).is_ok());
    assert_eq!(path(&["d"; 65].join("/")), Err(NameError::TooDeep));
    assert_eq!(path(&"%61".repeat(1 << 20)), Err(NameError::SegmentTooLong));
}

#[test]
fn folders_and_the_root_are_told_apart() {
    for text in ["", "/"] {
        let root = path(text).unwrap();
        assert_eq!(root, RelativeName::root());
        assert!(root.is_root() && root.is_folder());
        assert_eq!((root.href().as_str(), root.to_string().as_str()), ("/", ""));
        assert_eq!((root.parent(), root.file_name()), (None, None));
        assert_eq!(root.segments().count(), 0);
    }
    let folder = path("/docs/sub/").unwrap();
    assert!(folder.is_folder());
    assert_eq!(folder.as_bytes(), b"docs/sub");
    assert_eq!(folder.to_string(), "docs/sub/");
    assert_eq!(folder, name("docs").join(b"sub").unwrap().as_folder());
    assert_eq!(folder.parent().unwrap(), name("docs/"));
    assert_eq!(name("docs").parent().unwrap(), RelativeName::root());
    assert!(!name("docs").is_folder());
}

#[test]
fn a_link_to_a_segment_is_never_a_scheme_nor_another_origin() {
    assert_eq!(segment_href(b"javascript:x"), "javascript%3Ax");
    assert_eq!(segment_href(b"a b&c=d?e#f%g"), "a%20b%26c%3Dd%3Fe%23f%25g");
    assert_eq!(segment_href("é\"<>'".as_bytes()), "%C3%A9%22%3C%3E%27");
    assert_eq!(name("a/name (2).txt").href(), "/a/name%20(2).txt");
}

#[test]
fn a_number_goes_before_the_extension() {
    for (text, numbered) in [
        ("a.txt", "a (2).txt"),
        ("docs/a", "docs/a (2)"),
        ("docs/a/", "docs/a (2)/"),
        ("a.tar.gz", "a (2).tar.gz"),
        (".tar.gz", ".tar (2).gz"),
        (".bashrc", ".bashrc (2)"),
        ("v1.2 final notes.md", "v1.2 final notes (2).md"),
        ("a.", "a (2)."),
    ] {
        assert_eq!(name(text).numbered(2), Ok(name(numbered)));
    }
    assert!(RelativeName::root().numbered(2).is_err());
    let long = format!("{}.txt", "é".repeat(125));
    let numbered = name(&long).numbered(u32::MAX).unwrap();
    assert!(numbered.as_bytes().len() > 250 && numbered.check_portable().is_ok());
    assert!(numbered.to_string().ends_with("é (4294967295).txt"));
    let full = format!(
        "{}/{}",
        ["s".repeat(255).as_str(); 15].join("/"),
        "s".repeat(255)
    );
    assert_eq!(name(&full).numbered(2).unwrap().as_bytes().len(), 4095);
}

#[test]
fn new_names_are_portable() {
    for good in [
        "a b (2).txt",
        "世界/文件.txt",
        "…",
        ".hidden",
        "console.log",
        "com10",
        "COM",
        "a' & b.txt",
        "👩\u{200d}👩.png",
    ] {
        assert_eq!(name(good).check_portable(), Ok(()), "{good}");
    }
    for bad in [
        "a:b",
        "C:",
        "a<b",
        "a>b",
        "a\"b",
        "a|b",
        "a?",
        "*",
        "a.",
        "a ",
        "a/b./c",
        "CON",
        "con",
        "Con.txt",
        "aux .tar.gz",
        "NUL",
        "prn",
        "COM1",
        "com1.txt",
        "LPT9",
        "COM¹",
        "lpt³.x",
        "CONIN$",
        "conout$.txt",
        "a\u{202e}gpj.exe",
        "a\u{200b}",
        "a\u{9b}",
        "\u{feff}a",
        "COM0",
        "a\u{2028}b",
    ] {
        assert_eq!(
            name(bad).check_portable(),
            Err(NameError::NotPortable),
            "{bad}"
        );
    }
}

/// Bytes that are likely to mean something.
fn hostile() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("..".to_owned()),
        Just("/".to_owned()),
        Just("%2e".to_owned()),
        Just("%2f".to_owned()),
        Just("%5c".to_owned()),
        Just("%00".to_owned()),
        Just("%25".to_owned()),
        Just("\\".to_owned()),
        Just(".".to_owned()),
        "[a-z%]{0,3}",
        any::<char>().prop_map(String::from),
    ];
    proptest::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
}

fn stays_inside(name: &RelativeName) {
    use std::path::{Component, Path};
    let text = <std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(name.as_bytes());
    let path = Path::new("/root").join(Path::new(text));
    let mut components = path.components();
    assert_eq!(components.next(), Some(Component::RootDir));
    assert_eq!(components.next(), Some(Component::Normal("root".as_ref())));
    assert!(components.all(|part| matches!(part, Component::Normal(_))));
    assert_eq!(
        Path::new(text).components().count(),
        name.segments().count()
    );
    assert!(!name.as_bytes().contains(&0));
}

proptest! {
    #[test]
    fn whatever_comes_in_stays_inside(text in hostile(), bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
        for name in [path(&text), RelativeName::parse(text.as_bytes()), RelativeName::parse(&bytes)].into_iter().flatten() {
            stays_inside(&name);
            if let Ok(numbered) = name.numbered(2) {
                stays_inside(&numbered);
            }
        }
    }

    #[test]
    fn an_address_gives_its_name_back(text in hostile(), bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
        for name in [path(&text), RelativeName::parse(&bytes)].into_iter().flatten() {
            prop_assert_eq!(path(&name.href()), Ok(name.clone()));
            prop_assert!(name.href().is_ascii());
            let rebuilt = name.segments().try_fold(RelativeName::root(), |name, segment| name.join(segment)).unwrap();
            prop_assert_eq!(rebuilt.as_bytes(), name.as_bytes());
        }
    }

    #[test]
    fn numbers_give_other_names(text in "[a-zé.]{1,300}", number in 2u32..) {
        if let Ok(name) = RelativeName::parse(text.as_bytes()) {
            let numbered = name.numbered(number).unwrap();
            prop_assert_ne!(&numbered, &name);
            prop_assert_eq!(numbered.parent(), name.parent());
            prop_assert!(str::from_utf8(numbered.as_bytes()).is_ok());
        }
    }
}
