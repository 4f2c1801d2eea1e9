//! Which form Accept asks for.

use landline_wire::http::{Wanted, accept};
use proptest::prelude::*;

use super::get;

#[track_caller]
fn wanted(value: &str, default: Wanted) -> Wanted {
    accept::wanted(get(&format!("Accept: {value}\r\n")).headers(), default)
}

#[test]
fn rfc9110_12_5_1_what_clients_send() {
    for (value, expected) in [
        // Firefox and Chromium, opening a page.
        (
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            Wanted::Html,
        ),
        (
            "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7",
            Wanted::Html,
        ),
        ("application/json", Wanted::Json),
        ("application/json, text/plain, */*", Wanted::Json),
        ("Text/Plain", Wanted::Text),
        ("application/json;q=0.5, text/html;q=0.4", Wanted::Json),
        ("application/json;q=0.4, text/html;q=0.5", Wanted::Html),
        ("text/html, application/json", Wanted::Html),
        ("application/json, text/html", Wanted::Json),
    ] {
        for default in [Wanted::Html, Wanted::Json, Wanted::Text] {
            assert_eq!(wanted(value, default), expected, "{value}");
        }
    }
}

#[test]
fn rfc9110_12_5_1_the_default_stands_where_nothing_is_preferred() {
    for value in [
        "*/*",
        "",
        "image/png",
        "*/*;q=0.1",
        "text/html;q=0, */*;q=0",
        "garbage",
        ";;,;q=1",
        "*",
    ] {
        for default in [Wanted::Html, Wanted::Json, Wanted::Text] {
            assert_eq!(wanted(value, default), default, "{value}");
        }
    }
    assert_eq!(
        accept::wanted(get("").headers(), Wanted::Text),
        Wanted::Text
    );
}

#[test]
fn rfc9110_12_5_1_the_most_specific_range_counts() {
    assert_eq!(
        wanted("text/*, text/html;q=0.1", Wanted::Json),
        Wanted::Text
    );
    assert_eq!(
        wanted("text/*;q=0.3, text/html;q=0.7, */*;q=0.5", Wanted::Text),
        Wanted::Html
    );
    assert_eq!(wanted("text/*", Wanted::Json), Wanted::Html);
    assert_eq!(wanted("text/*, application/*", Wanted::Json), Wanted::Json);
    assert_eq!(wanted("text/*", Wanted::Text), Wanted::Text);
    assert_eq!(
        wanted("*/*, application/json;q=0", Wanted::Json),
        Wanted::Html
    );
}

#[test]
fn rfc9110_12_4_2_weights() {
    for (value, expected) in [
        ("text/html;q=0.123, application/json;q=0.122", Wanted::Html),
        (
            "text/html; Q=0.9 ; x=y, application/json;q=1.",
            Wanted::Json,
        ),
        (
            "text/html;q=0.5, application/json;level=1;q=0.6",
            Wanted::Json,
        ),
        // Named twice: the first counts.
        (
            "text/html;q=0.5, text/html;q=0.1, application/json;q=0.4",
            Wanted::Html,
        ),
        // Malformed weights: as if not named.
        ("text/html;q=1.001, application/json;q=0.1", Wanted::Json),
        ("text/html;q=-1, application/json;q=0.1", Wanted::Json),
        ("text/html;q=0.1234, application/json;q=0.1", Wanted::Json),
        ("text/html;q=, application/json;q=0.1", Wanted::Json),
        ("text/html;q=2, application/json;q=0.1", Wanted::Json),
        ("text/html;x=\";q=0\", application/json;q=0.9", Wanted::Html),
    ] {
        assert_eq!(wanted(value, Wanted::Text), expected, "{value}");
    }
}

#[test]
fn members_after_the_limit_do_not_count() {
    let many = "image/png,".repeat(40);
    assert_eq!(
        wanted(&format!("{many}application/json"), Wanted::Html),
        Wanted::Html
    );
}

proptest! {
    #[test]
    fn any_value_gives_an_answer(value in "[ -~]{0,60}") {
        wanted(&value, Wanted::Html);
    }
}
