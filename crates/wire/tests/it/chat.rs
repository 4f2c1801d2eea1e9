//! The room's language: what is written, what is read, what is refused.

use landline_wire::chat::{
    Command, Event, Hello, HelloError, MemberView, Name, NameError, Opening, Request, RequestError,
    Via, opening,
};
use proptest::prelude::*;

const ORIGIN: &str = "http://127.0.0.1:8080";

#[test]
fn events_are_the_contract_with_the_page() {
    let members = [MemberView {
        id: 3,
        name: "bob".into(),
        via: Via::Text,
    }];
    let (seq, at, member, name) = (12, 99, 3, "bob");
    for (event, json) in [
        (
            Event::Welcome {
                room: "Landline",
                epoch: "f3a1",
                you: 7,
                name: "Quiet Otter",
                members: &members,
                writable: true,
                resumed: false,
            },
            r#"{"event":"welcome","room":"Landline","epoch":"f3a1","you":7,"name":"Quiet Otter","members":[{"id":3,"name":"bob","via":"text"}],"writable":true,"resumed":false}"#,
        ),
        (
            Event::Said {
                seq,
                at,
                member,
                name,
                text: "hi \"<",
                client: Some("T"),
                id: Some("4"),
            },
            r#"{"event":"said","seq":12,"at":99,"member":3,"name":"bob","text":"hi \"<","client":"T","id":"4"}"#,
        ),
        (
            Event::Said {
                seq,
                at,
                member,
                name,
                text: "hi",
                client: None,
                id: None,
            },
            r#"{"event":"said","seq":12,"at":99,"member":3,"name":"bob","text":"hi"}"#,
        ),
        (
            Event::Joined {
                seq,
                at,
                member,
                name,
                via: Via::Browser,
            },
            r#"{"event":"joined","seq":12,"at":99,"member":3,"name":"bob","via":"browser"}"#,
        ),
        (
            Event::Left {
                seq,
                at,
                member,
                name,
            },
            r#"{"event":"left","seq":12,"at":99,"member":3,"name":"bob"}"#,
        ),
        (
            Event::Renamed {
                seq,
                at,
                member,
                name,
                was: "bo",
            },
            r#"{"event":"renamed","seq":12,"at":99,"member":3,"name":"bob","was":"bo"}"#,
        ),
        (
            Event::Shared {
                seq,
                at,
                member: None,
                name: None,
                path: "a b",
                href: "/a%20b",
                size: 1,
            },
            r#"{"event":"shared","seq":12,"at":99,"member":null,"name":null,"path":"a b","href":"/a%20b","size":1}"#,
        ),
        (Event::CaughtUp, r#"{"event":"caught-up"}"#),
        (
            Event::Changed { path: "docs/" },
            r#"{"event":"changed","path":"docs/"}"#,
        ),
        (
            Event::Refused { detail: "no" },
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
    let (seq, at, member, name) = (1, 2, 3, "bob");
    let shared = Event::Shared {
        seq,
        at,
        member: Some(3),
        name: Some("bob"),
        path: "docs/a.txt",
        href: "/docs/a.txt",
        size: 123,
    };
    let said = Event::Said {
        seq,
        at,
        member,
        name,
        text: "one\n\ntwo",
        client: None,
        id: None,
    };
    for (event, line) in [
        (&said, "bob: one\nbob: \nbob: two\n"),
        (
            &Event::Joined {
                seq,
                at,
                member,
                name,
                via: Via::Text,
            },
            "* bob joined\n",
        ),
        (
            &Event::Left {
                seq,
                at,
                member,
                name,
            },
            "* bob left\n",
        ),
        (
            &Event::Renamed {
                seq,
                at,
                member,
                name: "robert",
                was: "bob",
            },
            "* bob is now robert\n",
        ),
        (
            &shared,
            "* bob shared docs/a.txt (123 B) http://127.0.0.1:8080/docs/a.txt\n",
        ),
        (
            &Event::Closing {
                detail: "The room is closing.",
            },
            "* The room is closing.\n",
        ),
        (&Event::CaughtUp, ""),
    ] {
        assert_eq!(event.to_text(ORIGIN), line);
    }
    assert_eq!(shared.to_text(""), "* bob shared docs/a.txt (123 B)\n");
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
    let long = format!(r#"{{"do":"say","text":"{}"}}"#, "x".repeat(4097));
    assert_eq!(Request::parse(&long), Err(RequestError::TextTooLong));
    assert_eq!(
        Request::parse(r#"{"do":"say","id":"","text":"x"}"#),
        Err(RequestError::Id)
    );
    for junk in [
        "",
        "hi",
        "[]",
        "{}",
        r#"{"do":"kick"}"#,
        r#"{"do":"say"}"#,
        r#"{"do":"say","text":"\ud800"}"#,
    ] {
        assert_eq!(Request::parse(junk), Err(RequestError::Unknown), "{junk}");
    }
    let deep = "[".repeat(100_000);
    assert_eq!(Request::parse(&deep), Err(RequestError::Unknown));
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
        Hello::parse("?after=12&epoch=f3a1&name=Quiet+Otter%21&client=abcd_123-x&v=1").unwrap();
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
