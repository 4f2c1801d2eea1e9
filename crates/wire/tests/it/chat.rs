//! The room's language: what is written, what is read, what is refused.

use landline_wire::chat::{
    Command, Event, Hello, HelloError, MemberView, Name, NameError, Opening, Request, RequestError,
    Via, opening,
};
use proptest::prelude::*;

const ORIGIN: &str = "http://127.0.0.1:8080";

const SEQ: u64 = 12;
const AT: u64 = 99;
const BOB: &str = "bob";

fn said<'a>(text: &'a str, client: Option<&'a str>, id: Option<&'a str>) -> Event<'a> {
    Event::Said {
        seq: SEQ,
        at: AT,
        member: 3,
        name: BOB,
        text,
        client,
        id,
    }
}

fn joined(via: Via) -> Event<'static> {
    Event::Joined {
        seq: SEQ,
        at: AT,
        member: 3,
        name: BOB,
        via,
    }
}

fn left() -> Event<'static> {
    Event::Left {
        seq: SEQ,
        at: AT,
        member: 3,
        name: BOB,
    }
}

fn renamed(seq: Option<u64>) -> Event<'static> {
    Event::Renamed {
        seq,
        at: AT,
        member: 3,
        name: "robert",
        was: BOB,
    }
}

fn shared(member: Option<u64>, name: Option<&str>) -> Event<'_> {
    Event::Shared {
        seq: SEQ,
        at: AT,
        member,
        name,
        path: "a b",
        href: "/a%20b",
        size: 1234,
    }
}

fn refused(verb: Option<&'static str>, id: Option<&str>) -> RequestError {
    RequestError {
        verb,
        id: id.map(str::to_owned),
        detail: "no".to_owned(),
    }
}

#[test]
fn a_welcome_is_the_contract_with_the_page() {
    let members = [MemberView {
        id: 3,
        name: "bob".into(),
        via: Via::Text,
    }];
    let event = Event::Welcome {
        room: "Landline",
        epoch: "f3a1",
        you: 7,
        name: "Quiet Otter",
        members: &members,
        writable: true,
        resumed: false,
    };
    assert_eq!(
        event.to_json(),
        r#"{"event":"welcome","room":"Landline","epoch":"f3a1","you":7,"name":"Quiet Otter","members":[{"id":3,"name":"bob","via":"text"}],"writable":true,"resumed":false}"#
    );
}

#[test]
fn events_are_the_contract_with_the_page() {
    for (event, json) in [
        (
            said("hi \"<", Some("T"), Some("4")),
            r#"{"event":"said","seq":12,"at":99,"member":3,"name":"bob","text":"hi \"<","client":"T","id":"4"}"#,
        ),
        (
            said("hi", None, None),
            r#"{"event":"said","seq":12,"at":99,"member":3,"name":"bob","text":"hi"}"#,
        ),
        (
            joined(Via::Browser),
            r#"{"event":"joined","seq":12,"at":99,"member":3,"name":"bob","via":"browser"}"#,
        ),
        (
            left(),
            r#"{"event":"left","seq":12,"at":99,"member":3,"name":"bob"}"#,
        ),
        (
            renamed(Some(SEQ)),
            r#"{"event":"renamed","seq":12,"at":99,"member":3,"name":"robert","was":"bob"}"#,
        ),
        (
            renamed(None),
            r#"{"event":"renamed","at":99,"member":3,"name":"robert","was":"bob"}"#,
        ),
        (
            shared(None, None),
            r#"{"event":"shared","seq":12,"at":99,"member":null,"name":null,"path":"a b","href":"/a%20b","size":1234}"#,
        ),
        (Event::CaughtUp, r#"{"event":"caught-up"}"#),
        (
            Event::Changed { path: "docs/" },
            r#"{"event":"changed","path":"docs/"}"#,
        ),
        (
            Event::Refused(&refused(Some("say"), Some("4"))),
            r#"{"event":"refused","do":"say","id":"4","detail":"no"}"#,
        ),
        (
            Event::Refused(&refused(None, None)),
            r#"{"event":"refused","detail":"no"}"#,
        ),
        (
            Event::Closing { detail: "bye" },
            r#"{"event":"closing","detail":"bye"}"#,
        ),
    ] {
        assert_eq!(event.to_json(), json);
    }
}

#[test]
fn events_are_lines_for_nc() {
    for (event, line) in [
        (
            said("one\n\ntwo", None, None),
            "bob: one\nbob: \nbob: two\n",
        ),
        (joined(Via::Text), "* bob joined\n"),
        (left(), "* bob left\n"),
        (renamed(Some(SEQ)), "* bob is now robert\n"),
        (Event::Refused(&refused(None, None)), "* no\n"),
        (
            shared(Some(3), Some(BOB)),
            "* bob shared a b (1.2 KiB) http://127.0.0.1:8080/a%20b\n",
        ),
        (
            shared(None, None),
            "* new file a b (1.2 KiB) http://127.0.0.1:8080/a%20b\n",
        ),
        (Event::Closing { detail: "bye" }, "* bye\n"),
        (Event::CaughtUp, ""),
    ] {
        assert_eq!(event.to_text(ORIGIN), line);
    }
    assert_eq!(
        shared(Some(3), Some(BOB)).to_text(""),
        "* bob shared a b (1.2 KiB)\n"
    );
}

#[test]
fn requests_of_the_page() {
    for (json, request) in [
        (
            r#"{"do":"say","id":"4","text":"hi\n你"}"#,
            Request::Say {
                id: Some("4".into()),
                text: "hi\n你".into(),
            },
        ),
        (
            r#"{"do":"say","text":""}"#,
            Request::Say {
                id: None,
                text: String::new(),
            },
        ),
        (
            r#"{"do":"name","name":"Bob"}"#,
            Request::Name { name: "Bob".into() },
        ),
        (
            r#"{"do":"watch","path":"docs/"}"#,
            Request::Watch {
                path: "docs/".into(),
            },
        ),
    ] {
        assert_eq!(Request::parse(json), Ok(request));
    }
}

#[test]
fn a_refusal_says_of_which_request_it_is() {
    let kind = |json: &str| {
        let error = Request::parse(json).unwrap_err();
        (error.verb, error.id.map(|id| id.len()))
    };
    let long = "x".repeat(4098);
    let text = format!(r#"{{"do":"say","id":"17","text":"{long}"}}"#);
    assert_eq!(kind(&text), (Some("say"), Some(2)));
    let id = format!(r#"{{"do":"say","id":"{long}","text":"x"}}"#);
    assert_eq!(kind(&id), (Some("say"), Some(long.len())));
    assert_eq!(
        kind(r#"{"do":"say","id":"","text":"x"}"#),
        (Some("say"), Some(0))
    );
    let path = format!(r#"{{"do":"watch","path":"{long}"}}"#);
    assert_eq!(kind(&path), (Some("watch"), None));
    let name = Request::Name { name: "x".into() };
    assert_eq!(name.refused("no"), refused(Some("name"), None));
    for junk in [
        "",
        "hi",
        "[]",
        "{}",
        r#"{"do":"kick"}"#,
        r#"{"do":"say"}"#,
        r#"{"do":"say","text":"\ud800"}"#,
    ] {
        assert_eq!(kind(junk), (None, None), "{junk}");
    }
    assert_eq!(kind(&"[".repeat(100_000)), (None, None));
}

#[test]
fn commands_of_a_line() {
    for (line, command) in [
        ("hi /who", Command::Say("hi /who")),
        (" /who", Command::Say(" /who")),
        ("//who", Command::Say("/who")),
        ("/name  New Name ", Command::Name("New Name")),
        ("/name", Command::Name("")),
        ("/who", Command::Who),
        ("/files", Command::Files),
        ("/help me", Command::Help),
        ("/quit", Command::Quit),
        ("/kick bob", Command::Unknown("kick")),
        ("/", Command::Unknown("")),
    ] {
        assert_eq!(Command::parse(line), command);
    }
}

#[test]
fn names_are_trimmed_and_judged() {
    for (text, name) in [
        ("  bob  ", "bob"),
        ("Quiet \u{a0}  Otter", "Quiet Otter"),
        ("李雷", "李雷"),
        ("<script>", "<script>"),
    ] {
        assert_eq!(Name::parse(text).unwrap().as_str(), name);
    }
    assert!(Name::parse(&"名".repeat(32)).is_ok());
    for (text, why) in [
        ("", NameError::Empty),
        (" \u{3000} ", NameError::Empty),
        ("\u{200d}\u{fe0f}", NameError::Empty),
        (&"n".repeat(33), NameError::TooLong),
        (&"n".repeat(10_000), NameError::TooLong),
        ("a\nb", NameError::Character),
        ("a\tb", NameError::Character),
        ("a\x1b[31m", NameError::Character),
        ("a\u{202e}b", NameError::Character),
        ("a\u{200b}b", NameError::Character),
        ("bob: hi", NameError::Character),
        ("* bob joined", NameError::Character),
        ("/quit", NameError::Character),
        ("Server", NameError::Reserved),
        ("s\u{200d}erver", NameError::Reserved),
        (" YOU ", NameError::Reserved),
    ] {
        assert_eq!(Name::parse(text), Err(why), "{text:?}");
    }
}

#[test]
fn names_are_compared_without_case_and_without_what_is_unseen() {
    let key = |text| Name::parse(text).unwrap().key();
    for (one, other) in [
        ("Bob", "bOB"),
        ("b\u{200d}ob", "bob"),
        ("Straße", "STRASSE"),
        ("ΟΔΟΣ", "οδος"),
        ("a  b", "a b"),
    ] {
        assert_eq!(key(one), key(other));
    }
    assert_ne!(key("bob"), key("bo b"));
}

#[test]
fn the_first_words_tell_who_speaks() {
    for line in [
        "GET / HTTP/1.1",
        "GET / HTTP/1.1\r",
        "POST /x HTTP/1.0",
        "OPTIONS * HTTP/1.1",
        "M-SEARCH * HTTP/1.1",
        "CONNECT a:80 HTTP/1.1",
        "PRI * HTTP/2.0",
    ] {
        assert_eq!(opening(line.as_bytes(), true), Opening::Http, "{line}");
        assert_eq!(opening(line.as_bytes(), false), Opening::Http, "{line}");
    }
    for half in ["GET /", "POST /path", "POST http://a/", "OPTIONS *"] {
        assert_eq!(opening(half.as_bytes(), false), Opening::Http, "{half}");
        assert_eq!(opening(half.as_bytes(), true), Opening::Text, "{half}");
    }
    for text in [
        "",
        "hi",
        "I love HTTP/2",
        "what is HTTP/1.1",
        "GET HTTP/1.1",
        "GET up",
        "/who",
        "你好 HTTP/1.1",
    ] {
        for ended in [true, false] {
            assert_eq!(opening(text.as_bytes(), ended), Opening::Text, "{text}");
        }
    }
    assert_eq!(opening(b"\x16\x03\x01\x02\x00", false), Opening::Tls);
}

#[test]
fn a_page_says_hello_in_its_address() {
    let hello =
        Hello::parse("after=12&epoch=f3a1&name=Quiet+Otter%21&client=abcd_123-x&v=1").unwrap();
    assert_eq!(
        hello,
        Hello {
            after: Some(12),
            epoch: Some("f3a1".into()),
            name: Some("Quiet Otter!".into()),
            client: Some("abcd_123-x".into()),
        }
    );
    assert_eq!(Hello::parse(""), Ok(Hello::default()));
    assert_eq!(Hello::parse("after=&client="), Ok(Hello::default()));
    for after in ["-1", "x", "99999999999999999999"] {
        assert_eq!(
            Hello::parse(&format!("after={after}")),
            Err(HelloError::After)
        );
    }
    for client in ["short", "has%20blank", &"x".repeat(65)] {
        assert_eq!(
            Hello::parse(&format!("client={client}")),
            Err(HelloError::Client)
        );
    }
}

proptest! {
    #[test]
    fn what_is_a_name_stays_one_line_that_no_notice_resembles(text in any::<String>()) {
        if let Ok(name) = Name::parse(&text) {
            prop_assert!(!name.as_str().contains(|c: char| c.is_control() || c == ':'));
            prop_assert!(!name.as_str().starts_with('*'));
            prop_assert!(name.as_str().chars().count() <= 32);
            prop_assert_eq!(Name::parse(name.as_str()), Ok(name.clone()));
        }
    }

    #[test]
    fn nothing_that_comes_in_makes_a_parser_panic(text in any::<String>(), bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        let _ = (Request::parse(&text), Hello::parse(&text), Command::parse(&text));
        let _ = (opening(&bytes, true), opening(&bytes, false));
    }
}

#[test]
fn names_that_look_the_same_are_the_same() {
    let key = |name: &str| Name::parse(name).map(|name| name.key());
    for other in [
        "Jose\u{301}",
        "José\u{2800}",
        "José\u{180B}",
        "JOSÉ",
        "Ｊosé",
    ] {
        assert_eq!(key(other), key("José"), "{other:?}");
    }
    for other in [
        "ｓｅｒｖｅｒ",
        "server\u{2800}",
        "∗ Landline",
        "＊ José",
        "José：hi",
    ] {
        assert!(Name::parse(other).is_err(), "{other:?}");
    }
}
