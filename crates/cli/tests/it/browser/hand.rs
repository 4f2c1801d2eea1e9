//! The page by hand: on a phone with a finger, and with nothing but a keyboard.

use serde_json::{Value, json};

use super::driver::{Tab, drive};
use super::nc::Nc;
use super::{address, row};
use crate::up::Up;

const LONG: &str =
    "a_name_without_a_single_place_to_break_it_that_is_much_longer_than_any_phone_is_wide.tar.gz";

impl Tab {
    /// Fails when the page is wider than the screen.
    async fn assert_fits(&self) {
        // What is new has its size only once it is drawn.
        self.eval(
            "new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))",
        )
        .await;
        let wide = "[document.documentElement.scrollWidth, document.body.scrollWidth, innerWidth]";
        let wide = self.eval(wide).await;
        let fits = |width: &Value| width.as_u64().unwrap() <= 390;
        assert!(wide.as_array().unwrap().iter().all(fits), "{wide}");
        // The least that WCAG 2.2 §2.5.8 asks for.
        let small = self.eval(TOO_SMALL).await;
        assert_eq!(small, json!([]), "too small for a finger");
    }

    /// What has the focus, as one word.
    async fn focus(&self) -> String {
        let focus =
            "(document.activeElement.closest('.entry')?.dataset.name ?? document.activeElement.id)";
        self.eval(focus).await.as_str().unwrap_or("").to_owned()
    }
}

const TOO_SMALL: &str = "[...document.querySelectorAll('a, button, input, textarea')]
  .filter((one) => one.checkVisibility() && !one.closest('.skip, .text'))
  // A whole row is its link, and a label takes the finger for its field.
  .map((one) => [one.id || one.className, one.closest(one.matches('.link') ? '.entry' : 'label') ?? one])
  .map(([name, one]) => [name, Math.round(one.getBoundingClientRect().width), Math.round(one.getBoundingClientRect().height)])
  .filter(([, width, height]) => width < 24 || height < 24)";

#[test]
fn a_phone_shows_both_sides() {
    let up = Up::start(&["--write"]);
    up.put("docs/deep.txt", "");
    up.put(LONG, "x");
    let mut bob = Nc::called("bob", &up);
    drive(async |browser| {
        let tab = browser.tab("about:blank").await;
        tab.become_phone().await;
        tab.goto(&address(&up)).await;
        tab.until_ready().await;
        tab.until_row(LONG).await;
        let on_show =
            "['files', 'chat'].filter((id) => document.getElementById(id).checkVisibility())";
        assert_eq!(tab.eval(on_show).await, json!(["files"]));
        tab.assert_fits().await;

        bob.say(&format!("look: http://example.org/{}", LONG.repeat(3)));
        tab.until("document.querySelector('#unread').innerText === '1'")
            .await;
        tab.click("#tab-chat").await;
        tab.until("!document.querySelector('#unread').checkVisibility()")
            .await;
        assert_eq!(tab.eval(on_show).await, json!(["chat"]));
        tab.assert_fits().await;
        tab.click("#text").await;
        tab.write("from a phone").await;
        tab.click("#send").await;
        bob.expect("from a phone");
        tab.click("#members").await;
        tab.until(
            "document.querySelector('#member-list .member[data-name=bob]').checkVisibility()",
        )
        .await;
        tab.assert_fits().await;

        tab.eval("document.querySelector('#member-panel').hidePopover()")
            .await;
        tab.click("#tab-files").await;
        tab.click(&format!("{} .link", row("docs"))).await;
        tab.until_row("deep.txt").await;
        tab.assert_fits().await;
    });
}

#[test]
fn a_keyboard_reaches_everything() {
    let up = Up::start(&["--write"]);
    up.put("docs/deep.txt", "");
    up.put("a.txt", "");
    let bob = Nc::called("bob", &up);
    drive(async |browser| {
        let tab = browser.tab(&address(&up)).await;
        tab.until_row("a.txt").await;
        let mut stops = Vec::new();
        while stops.last().is_none_or(|stop| stop != "text") {
            tab.press("Tab").await;
            stops.push(tab.focus().await);
            assert!(stops.len() < 40, "the composer is out of reach: {stops:?}");
            let seen = tab
                .eval("document.activeElement.matches(':focus-visible')")
                .await;
            assert_eq!(seen, true, "{stops:?}");
        }
        assert_eq!(stops[0], "skip");
        let at = |name: &str| {
            stops
                .iter()
                .position(|stop| stop == name)
                .unwrap_or_else(|| panic!("no {name}: {stops:?}"))
        };
        assert!(
            at("filter") < at("docs") && at("docs") < at("a.txt"),
            "{stops:?}"
        );
        tab.write("typed").await;
        tab.press("Enter").await;
        bob.expect("typed");
        assert_eq!(tab.focus().await, "text", "more can be typed at once");

        tab.eval("document.activeElement.blur()").await;
        tab.press("/").await;
        assert_eq!(tab.focus().await, "filter");
        tab.press("ArrowDown").await;
        assert_eq!(tab.focus().await, "docs");
        tab.press("ArrowDown").await;
        assert_eq!(tab.focus().await, "a.txt");
        tab.press("Home").await;
        tab.press("Enter").await;
        tab.until_row("deep.txt").await;
        assert_eq!(tab.eval("location.pathname").await, "/docs/");
        tab.press("/").await;
        tab.write("deep").await;
        assert_eq!(
            tab.eval("document.querySelector('#filter').value").await,
            "deep",
            "the sign itself is not typed"
        );
    });
}

#[test]
fn the_skip_link_leads_to_the_chat() {
    let up = Up::start(&[]);
    drive(async |browser| {
        let tab = browser.tab(&address(&up)).await;
        tab.until_ready().await;
        tab.press("Tab").await;
        assert_eq!(tab.focus().await, "skip");
        tab.press("Enter").await;
        tab.until("document.activeElement.id === 'text'").await;
    });
}
