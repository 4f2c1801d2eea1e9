//! The chat in the browser: with `nc`, with other tabs, across a lost line and a restarted server.

use serde_json::json;

use super::address;
use super::driver::{Tab, drive};
use super::nc::Nc;
use crate::up::Up;

impl Tab {
    /// Takes a name.
    async fn call_oneself(&self, name: &str) {
        self.click("#my-name").await;
        self.eval("document.querySelector('#my-name').select()")
            .await;
        self.write(name).await;
        self.press("Enter").await;
        self.until(&format!(
            "document.querySelector('#member-list .member[data-name={}] .you')",
            json!(name)
        ))
        .await;
    }

    pub(super) async fn say(&self, text: &str) {
        self.click("#text").await;
        self.write(text).await;
        self.press("Enter").await;
    }

    /// Waits until `text` is on show as something said.
    pub(super) async fn until_said(&self, text: &str) {
        self.until(&format!("{SAID}.includes({})", json!(text)))
            .await;
    }

    /// All that is on show as said, not yet sent included, oldest first.
    async fn said(&self) -> serde_json::Value {
        self.eval(SAID).await
    }
}

/// Ports of the kernel's choice.
const ANYWHERE: [&str; 4] = ["--listen", "127.0.0.1:0", "--chat-listen", "127.0.0.1:0"];

const SAID: &str =
    "[...document.querySelectorAll('#chat-log .message .text')].map((text) => text.innerText)";
const DELIVERED: &str = "document.querySelectorAll('#waiting > *').length === 0";
const AWAY: &str = "document.querySelector('#connection').dataset.state === 'away'";

#[test]
fn everybody_hears_everybody() {
    let up = Up::start(&[]);
    drive(async |browser| {
        let ann = browser.tab(&address(&up)).await;
        ann.until_ready().await;
        ann.call_oneself("Ann").await;
        let mut bob = Nc::called("bob", &up);
        ann.until("document.querySelector('.member[data-name=bob][data-via=text]')")
            .await;
        ann.until("document.querySelector('#here').innerText.includes('2')")
            .await;

        ann.say("hello bob").await;
        assert_eq!(bob.expect("hello"), "Ann: hello bob");
        bob.say("hello Ann, see http://example.org/a_(b).");
        ann.until_said("hello Ann, see http://example.org/a_(b).")
            .await;
        let link = "document.querySelector('#history .message[data-name=bob] a').href";
        assert_eq!(ann.eval(link).await, "http://example.org/a_(b)");

        let carol = browser.visitor(&address(&up)).await;
        carol.until_ready().await;
        carol.call_oneself("Carol").await;
        let talk = json!(["hello bob", "hello Ann, see http://example.org/a_(b)."]);
        assert_eq!(carol.said().await, talk, "what was said before");
        carol.say("two\nlines").await;
        bob.expect("Carol: two");
        ann.until_said("two\nlines").await;
        assert_eq!(
            ann.said().await,
            json!([talk[0], talk[1], "two\nlines"]),
            "one's own once"
        );
        assert_eq!(
            ann.eval("document.querySelectorAll('#history .message.own').length")
                .await,
            1
        );
        ann.until("[...document.querySelectorAll('.member')].map((one) => one.dataset.name).sort().join() === 'Ann,Carol,bob'").await;
        ann.until(DELIVERED).await;
    });
}

#[test]
fn a_name_is_never_shared() {
    let up = Up::start(&[]);
    drive(async |browser| {
        let ann = browser.tab(&address(&up)).await;
        ann.until_ready().await;
        ann.call_oneself("Ann").await;
        let carol = browser.visitor(&address(&up)).await;
        carol.until_ready().await;
        carol.click("#my-name").await;
        carol
            .eval("document.querySelector('#my-name').select()")
            .await;
        carol.write("aNN").await;
        carol.press("Enter").await;
        carol
            .until("document.querySelector('#name-refused').innerText !== ''")
            .await;
        carol
            .until("document.querySelector('#my-name').value !== 'aNN'")
            .await;
    });
}

#[test]
fn a_name_is_remembered() {
    let folder = tempfile::tempdir().unwrap();
    let mut up = Up::on(folder.path(), &ANYWHERE);
    drive(async |browser| {
        let first = browser.tab(&address(&up)).await;
        first.until_ready().await;
        first.call_oneself("Ann").await;
        first.close().await;
        let (page, chat) = (up.page.clone(), up.chat.clone());
        assert!(up.stop().success());
        up = Up::on(folder.path(), &["--listen", &page, "--chat-listen", &chat]);
        let second = browser.tab(&address(&up)).await;
        second
            .until("document.querySelector('#member-list .member[data-name=Ann] .you')")
            .await;
    });
}

#[test]
fn what_nobody_has_read_is_counted_in_the_title() {
    let up = Up::start(&["--room", "Plans"]);
    let mut bob = Nc::called("bob", &up);
    drive(async |browser| {
        let ann = browser.tab(&address(&up)).await;
        ann.until_ready().await;
        bob.say("seen at once");
        ann.until_said("seen at once").await;
        assert_eq!(ann.eval("document.title").await, "Plans");
        let other = browser.tab("about:blank").await;
        other.front().await;
        ann.until("document.hidden").await;
        bob.say("one");
        ann.until("document.title === '(1) Plans'").await;
        bob.say("two");
        ann.until("document.title === '(2) Plans'").await;
        ann.front().await;
        ann.until("document.title === 'Plans'").await;
    });
}

#[test]
fn a_restarted_room_has_lost_and_doubled_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut up = Up::on(folder.path(), &ANYWHERE);
    drive(async |browser| {
        browser.excuse("WebSocket connection to");
        browser.excuse("net::ERR_CONNECTION_");
        let ann = browser.tab(&address(&up)).await;
        ann.until_ready().await;
        ann.call_oneself("Ann").await;
        let carol = browser.visitor(&address(&up)).await;
        carol.until_ready().await;
        ann.say("before").await;
        carol.until_said("before").await;

        let (page, chat) = (up.page.clone(), up.chat.clone());
        assert!(up.stop().success());
        ann.until("document.querySelector('#connection').dataset.state !== 'open'")
            .await;
        ann.say("while away").await;
        assert_eq!(ann.said().await, json!(["before", "while away"]));
        std::fs::write(folder.path().join("new.txt"), "").unwrap();
        up = Up::on(folder.path(), &["--listen", &page, "--chat-listen", &chat]);
        ann.until_ready().await;
        carol.until_said("while away").await;
        ann.until(DELIVERED).await;
        ann.until_row("new.txt").await;

        let mut bob = Nc::called("bob", &up);
        bob.say("after");
        for tab in [&ann, &carol] {
            tab.until_said("after").await;
            assert_eq!(tab.said().await, json!(["before", "while away", "after"]));
        }
        ann.say("the last").await;
        let heard = bob.until("the last");
        assert!(
            !heard.iter().any(|line| line.contains("while away")),
            "{heard:#?}"
        );
        ann.until("document.querySelector('#member-list .member[data-name=Ann] .you')")
            .await;
    });
}

#[test]
fn a_lost_line_has_lost_and_doubled_nothing() {
    let up = Up::start(&[]);
    let mut bob = Nc::called("bob", &up);
    drive(async |browser| {
        browser.excuse("WebSocket connection to");
        browser.excuse("ERR_INTERNET_DISCONNECTED");
        let ann = browser.tab(&address(&up)).await;
        ann.until_ready().await;
        ann.call_oneself("Ann").await;
        ann.say("before").await;
        bob.expect("Ann: before");
        ann.set_offline(true).await;
        ann.until(AWAY).await;
        bob.say("you miss this");
        ann.say("while away").await;
        ann.set_offline(false).await;
        ann.until_said("you miss this").await;
        assert_eq!(bob.expect("while away"), "Ann: while away");
        ann.until(DELIVERED).await;
        assert_eq!(
            ann.said().await,
            json!(["before", "you miss this", "while away"])
        );
        ann.say("the last").await;
        assert_eq!(
            bob.until("the last"),
            ["Ann: the last"],
            "nothing twice, and so short an absence is no news"
        );
    });
}

#[test]
fn a_page_put_aside_has_left_and_comes_back() {
    let up = Up::start(&[]);
    let mut bob = Nc::called("bob", &up);
    drive(async |browser| {
        let ann = browser.tab(&address(&up)).await;
        ann.until_ready().await;
        ann.call_oneself("Ann").await;
        ann.say("before").await;
        bob.expect("Ann: before");
        ann.eval(
            "addEventListener('pageshow', ({ persisted }) => globalThis.persisted = persisted)",
        )
        .await;
        ann.goto("about:blank").await;
        bob.expect("* Ann left");
        bob.say("you miss this");
        // Not waited for, since no page is loaded.
        let _ = ann.eval("setTimeout(() => history.back())").await;
        bob.expect("* Ann joined");
        ann.until("persisted").await;
        ann.until_said("you miss this").await;
        ann.say("the last").await;
        assert_eq!(bob.until("the last"), ["Ann: the last"]);
        ann.until(DELIVERED).await;
        assert_eq!(
            ann.said().await,
            json!(["before", "you miss this", "the last"])
        );
    });
}

#[test]
fn a_page_put_aside_says_what_the_next_one_could_not() {
    let up = Up::start(&[]);
    let bob = Nc::called("bob", &up);
    drive(async |browser| {
        browser.excuse("WebSocket connection to");
        browser.excuse("ERR_INTERNET_DISCONNECTED");
        let ann = browser.tab(&address(&up)).await;
        ann.until_ready().await;
        ann.call_oneself("Ann").await;
        ann.eval("globalThis.isFirst = true").await;
        // The very same address would be loaded in its place.
        ann.goto(&format!("{}?", address(&up))).await;
        ann.until_ready().await;
        ann.until("document.querySelector('#member-list .member[data-name=Ann] .you')")
            .await;
        ann.set_offline(true).await;
        ann.until(AWAY).await;
        ann.say("while away").await;
        let _ = ann.eval("setTimeout(() => history.back())").await;
        ann.until("isFirst").await;
        ann.until_said("while away").await;
        ann.set_offline(false).await;
        assert_eq!(bob.expect("while away"), "Ann: while away");
        ann.until(DELIVERED).await;
        assert_eq!(ann.said().await, json!(["while away"]));
    });
}

#[test]
fn a_page_that_is_loaded_anew_shows_everything_once() {
    let up = Up::start(&[]);
    drive(async |browser| {
        let ann = browser.tab(&address(&up)).await;
        ann.until_ready().await;
        ann.call_oneself("Ann").await;
        ann.say("one").await;
        ann.until(DELIVERED).await;
        ann.goto(&address(&up)).await;
        ann.until_ready().await;
        ann.until_said("one").await;
        ann.say("two").await;
        ann.until(DELIVERED).await;
        assert_eq!(ann.said().await, json!(["one", "two"]));
        assert_eq!(
            ann.eval("document.querySelectorAll('#history .message.own').length")
                .await,
            2
        );
    });
}
