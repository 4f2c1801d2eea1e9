//! Fuzz target: no name escapes, and each comes back from its address.
#![cfg_attr(fuzzing, no_main)]
#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));

use landline_wire::name::RelativeName;

pub(crate) fn run(data: &[u8]) {
    check(RelativeName::parse(data).ok());
    if let Ok(text) = str::from_utf8(data) {
        check(RelativeName::parse_path(text).ok());
    }
}

fn check(name: Option<RelativeName>) {
    let Some(name) = name else { return };
    assert!(name.as_bytes().len() <= 4096 && name.segments().count() <= 64);
    for segment in name.segments() {
        assert!(!segment.is_empty() && segment.len() <= 255);
        assert!(segment != b"." && segment != b"..");
        assert!(
            !segment
                .iter()
                .any(|byte| b"/\\\0\r\n\x1b\x7f".contains(byte))
        );
    }
    assert_eq!(RelativeName::parse_path(&name.href()).as_ref(), Ok(&name));
    if let Ok(numbered) = name.numbered(2) {
        assert_ne!(numbered, name);
        assert_eq!(numbered.parent(), name.parent());
        assert_eq!(RelativeName::parse_path(&numbered.href()), Ok(numbered));
    }
    if name.check_portable().is_ok() {
        assert!(str::from_utf8(name.as_bytes()).is_ok());
    }
}
