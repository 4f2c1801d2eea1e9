//! Fuzz target: what members of the room send.
#![cfg_attr(fuzzing, no_main)]
#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| run(data));

use landline_wire::chat::{Command, Hello, Name, Request, opening};

pub(crate) fn run(data: &[u8]) {
    let _ = (opening(data, true), opening(data, false));
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let _ = Command::parse(text);
    if let Ok(hello) = Hello::parse(text) {
        assert!(hello.client.is_none_or(|client| client.len() <= 64));
    }
    if let Ok(Request::Say { id, text }) = Request::parse(text) {
        assert!(text.len() <= 4096 && id.is_none_or(|id| id.len() <= 64));
    }
    if let Ok(name) = Name::parse(text) {
        assert!((1..=32).contains(&name.as_str().chars().count()));
        assert!(!name.as_str().contains(|c: char| c.is_control() || c == ':'));
        assert!(!name.as_str().starts_with(['*', '/', ' ']));
        assert_eq!(Name::parse(name.as_str()), Ok(name));
    }
}
