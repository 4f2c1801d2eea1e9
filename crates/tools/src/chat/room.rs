//! The room that all cores share: the state behind a lock that is never held while waiting, and the wake-ups.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use landline_wire::chat::{Hello, MemberView, Via};
use tokio::sync::{Notify, watch};

use super::event::ChatEvent;
use super::log::HISTORY_DEFAULT;
use super::member::{Member, Start};
use super::pace::{Account, Meter, Pace};
use super::state::State;
use crate::base::{clock, printable};

/// How a room is.
#[derive(Clone, Debug)]
pub struct RoomOptions {
    /// What the room is called; default "Landline".
    pub name: String,
    /// How many of the last messages those who join are told, at most [`HISTORY_EVENTS`](super::HISTORY_EVENTS)
    /// and 8 MiB of them; default [`HISTORY_DEFAULT`].
    pub history: usize,
    /// Whether pages are told that files may be uploaded; default false.
    pub writable: bool,
    /// Put before a file's address in lines of text, as `http://127.0.0.1:8080`; default empty: no address is given.
    pub origin: String,
    /// How fast each connection is read; default [`Pace::CONNECTION`].
    pub pace: Pace,
    /// How fast all of them together are; default [`Pace::ROOM`].
    pub room_pace: Pace,
}

impl Default for RoomOptions {
    fn default() -> Self {
        Self {
            name: "Landline".to_owned(),
            history: HISTORY_DEFAULT,
            writable: false,
            origin: String::new(),
            pace: Pace::CONNECTION,
            room_pace: Pace::ROOM,
        }
    }
}

/// A file that everybody is told of.
#[derive(Clone, Copy, Debug)]
pub struct SharedFile<'a> {
    /// Its name, as `docs/a.txt`.
    pub path: &'a str,
    /// Its address, as `/docs/a.txt`, percent-encoded.
    pub href: &'a str,
    /// Its size in bytes.
    pub size: u64,
}

/// A chat room; clones are the same room.
///
/// It keeps the last 16,384 events or 8 MiB of them, whichever is less, and for those who join of the messages before
/// these as many again as they are told, or 8 MiB. Members read from there, each at its own pace, and hold of it at
/// most what one write takes: that bounds the memory, however many members there are and however slowly they read.
#[derive(Clone)]
pub struct Room(Arc<Shared>);

struct Shared {
    options: RoomOptions,
    /// This life of the room: numbers of events mean nothing in another one.
    epoch: String,
    on_event: Box<dyn Fn(ChatEvent) + Send + Sync>,
    state: Mutex<State>,
    account: Arc<Mutex<Account>>,
    news: watch::Sender<()>,
    watching_changed: Notify,
}

impl Room {
    /// An empty room. `on_event` is called for each join, leave, rename and refusal, never under the room's lock.
    ///
    /// # Errors
    /// When the system has no random numbers for the room's epoch.
    pub fn new(
        options: RoomOptions,
        on_event: impl Fn(ChatEvent) + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let seed = getrandom::u64().map_err(io::Error::other)?;
        let state = State::new(options.history, options.origin.clone(), seed);
        let account = Arc::new(Mutex::new(Account::new(&options.room_pace)));
        Ok(Self(Arc::new(Shared {
            options,
            epoch: format!("{seed:016x}"),
            on_event: Box::new(on_event),
            state: Mutex::new(state),
            account,
            news: watch::Sender::new(()),
            watching_changed: Notify::new(),
        })))
    }

    /// How the room was opened.
    #[must_use]
    pub fn options(&self) -> &RoomOptions {
        &self.0.options
    }

    /// This life of the room.
    #[must_use]
    pub fn epoch(&self) -> &str {
        &self.0.epoch
    }

    /// Who is here.
    #[must_use]
    pub fn members(&self) -> Vec<MemberView> {
        self.state().members()
    }

    /// Lets somebody in. The name is the one wanted if it is one and free, else one like it or another;
    /// who comes with the token of a member is that member.
    pub(super) fn join(&self, via: Via, hello: &Hello) -> Member {
        // Watching starts before the cursor is set, so that no event falls between them.
        let news = self.0.news.subscribe();
        let client: Option<Arc<str>> = hello.client.as_deref().map(Arc::from);
        let resume = hello
            .after
            .filter(|_| hello.epoch.as_deref() == Some(self.epoch()));
        let (start, event) = {
            let mut state = self.state();
            let (id, event) = state.join(
                via,
                hello.name.as_deref(),
                client.as_ref(),
                clock::milliseconds(),
            );
            (Start::new(&mut state, id, via, client, resume), event)
        };
        self.announce(event);
        Member::new(self.clone(), start, news)
    }

    /// Tells everybody of a file that is whole; `client` is the token of whoever brought it, where known.
    pub fn shared(&self, file: &SharedFile<'_>, client: Option<&str>) {
        let path = printable(file.path);
        let file = SharedFile {
            path: &path,
            ..*file
        };
        self.state().share(&file, client, clock::milliseconds());
        self.wake();
    }

    /// Tells the pages that show this folder, `docs/` or empty for the root, that its content changed: once,
    /// however often it did before they could be told.
    pub fn changed(&self, folder: &str) {
        if self.state().change(folder) {
            self.wake();
        }
    }

    /// The folders that pages show now, each once.
    #[must_use]
    pub fn watched(&self) -> Vec<String> {
        self.state().watched().into_iter().collect()
    }

    /// Notified, for one who waits, when [`watched`](Self::watched) may have changed.
    #[must_use]
    pub fn watching_changed(&self) -> &Notify {
        &self.0.watching_changed
    }

    /// The account of a new connection.
    pub(super) fn meter(&self) -> Meter {
        Meter::new(&self.0.options.pace, &self.0.account)
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes everybody who waits for news.
    pub(super) fn wake(&self) {
        self.0.news.send_replace(());
    }

    /// Tells the host.
    pub(super) fn report(&self, event: ChatEvent) {
        (self.0.on_event)(event);
    }

    /// Tells the host what the room has just been told.
    pub(super) fn announce(&self, event: Option<ChatEvent>) {
        if let Some(event) = event {
            self.wake();
            self.report(event);
        }
    }
}

impl std::fmt::Debug for Room {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Room")
            .field("name", &self.0.options.name)
            .field("epoch", &self.0.epoch)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use landline_wire::chat::{Hello, Via};
    use proptest::prelude::*;
    use serde_json::Value;

    use super::super::log::{WINDOW_BYTES, WINDOW_EVENTS};
    use super::super::member::{Lagged, Member};
    use super::super::outbox::Outbox;
    use super::super::state::Said;
    use super::{Room, RoomOptions, SharedFile};

    fn room() -> Room {
        Room::new(RoomOptions::default(), drop).unwrap()
    }

    fn named(room: &Room, name: &str) -> Member {
        let name = Some(name.to_owned());
        room.join(
            Via::Text,
            &Hello {
                name,
                ..Hello::default()
            },
        )
    }

    fn page(room: &Room, client: &str, after: Option<u64>) -> Member {
        let hello = Hello {
            client: Some(client.to_owned()),
            epoch: Some(room.epoch().to_owned()),
            after,
            name: None,
        };
        room.join(Via::Browser, &hello)
    }

    /// Everything that the member has not been told yet.
    async fn bytes(member: &mut Member) -> Result<Vec<u8>, Lagged> {
        let mut written = Vec::new();
        loop {
            let mut outbox = Outbox::default();
            member.collect(&mut outbox)?;
            if outbox.is_empty() {
                return Ok(written);
            }
            while !outbox.is_empty() {
                outbox.write(&mut written).await.unwrap();
            }
        }
    }

    async fn lines(member: &mut Member) -> Vec<String> {
        let text = String::from_utf8(bytes(member).await.unwrap()).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    /// The events of a page's frames.
    async fn events(member: &mut Member) -> Vec<Value> {
        let bytes = bytes(member).await.unwrap();
        let mut rest = &bytes[..];
        let mut events = Vec::new();
        while let [0x81, short, tail @ ..] = rest {
            let (length, tail) = match short {
                126 => (usize::from(tail[0]) << 8 | usize::from(tail[1]), &tail[2..]),
                short => (usize::from(*short), tail),
            };
            let (json, tail) = tail.split_at(length);
            events.push(serde_json::from_slice(json).unwrap());
            rest = tail;
        }
        assert!(rest.is_empty());
        events
    }

    /// How many events the room's window holds.
    fn kept(room: &Room) -> usize {
        let state = room.state();
        (state.log.next() - state.log.first()) as usize
    }

    /// What was said, as the events have it.
    fn texts(events: &[Value]) -> Vec<&str> {
        events
            .iter()
            .filter_map(|event| event["text"].as_str())
            .collect()
    }

    #[tokio::test]
    async fn everybody_hears_everybody_else_in_one_order() {
        let room = room();
        let [mut ann, mut bob, mut eve] = ["ann", "bob", "eve"].map(|name| named(&room, name));
        for number in 0..100 {
            ann.say(&format!("a{number}"), None);
            bob.say(&format!("b{number}"), None);
        }
        let all: Vec<String> = (0..100)
            .flat_map(|number| [format!("ann: a{number}"), format!("bob: b{number}")])
            .collect();
        assert_eq!(lines(&mut eve).await, all);
        let without = |name| {
            all.iter()
                .filter(move |line| !line.starts_with(name))
                .cloned()
        };
        let joined = |name: &str| format!("* {name} joined");
        let bob_heard: Vec<String> = [joined("eve")].into_iter().chain(without("bob")).collect();
        assert_eq!(lines(&mut bob).await, bob_heard);
        let ann_heard: Vec<String> = [joined("bob"), joined("eve")]
            .into_iter()
            .chain(without("ann"))
            .collect();
        assert_eq!(lines(&mut ann).await, ann_heard);
        assert!(lines(&mut eve).await.is_empty(), "nothing comes twice");
    }

    #[tokio::test]
    async fn across_threads_the_order_is_the_same_for_all() {
        let room = room();
        let mut listeners = [named(&room, "one"), named(&room, "two")];
        let talkers = ["ann", "bob"].map(|name| {
            let member = named(&room, name);
            std::thread::spawn(move || {
                (0..1000).for_each(|number| drop(member.say(&number.to_string(), None)));
                member
            })
        });
        let is_said = |line: &String| !line.starts_with('*');
        let mut heard = [Vec::new(), Vec::new()];
        while heard[0].len() < 2000 {
            listeners[0].news().await;
            heard[0].extend(lines(&mut listeners[0]).await.into_iter().filter(is_said));
        }
        heard[1].extend(lines(&mut listeners[1]).await.into_iter().filter(is_said));
        assert_eq!(heard[0], heard[1]);
        for talker in talkers {
            drop(talker.join().unwrap());
        }
    }

    #[tokio::test]
    async fn a_name_is_unique_without_case() {
        let room = room();
        let mut bob = named(&room, "Bob");
        let other = named(&room, " bOB ");
        assert_eq!(
            (bob.name().as_str(), other.name().as_str()),
            ("Bob", "bOB 2")
        );
        assert_eq!(other.rename("BOB"), Err("That name is taken.".to_owned()));
        assert!(other.rename("Server").is_err());
        assert_eq!(
            bob.rename("BOB"),
            Ok(true),
            "one's own name in another case"
        );
        assert_eq!(bob.rename("robert"), Ok(true));
        assert_eq!(bob.rename("  robert "), Ok(false));
        assert_eq!(other.rename("bob"), Ok(true));
        assert_eq!(
            lines(&mut bob).await,
            [
                "* bOB 2 joined",
                "* Bob is now BOB",
                "* BOB is now robert",
                "* bOB 2 is now bob"
            ]
        );
        drop(other);
        assert_eq!(named(&room, "bob").name(), "bob", "free again");
    }

    #[tokio::test]
    async fn who_gives_no_name_gets_one_and_gets_it_again() {
        let room = room();
        let first = page(&room, "a-token-of-one", None).name();
        assert_eq!(page(&room, "a-token-of-one", None).name(), first);
        let many: Vec<Member> = (0..1030).map(|_| named(&room, "")).collect();
        let names: std::collections::HashSet<String> = many.iter().map(Member::name).collect();
        assert_eq!(names.len(), 1030, "even when the animals run out");
    }

    #[tokio::test]
    async fn who_comes_back_in_time_may_have_another_name() {
        let room = room();
        let mut ann = named(&room, "ann");
        let hello = |name: &str| Hello {
            client: Some("token-12345".to_owned()),
            name: Some(name.to_owned()),
            ..Hello::default()
        };
        let _away = room.join(Via::Browser, &hello("bob"));
        let back = room.join(Via::Browser, &hello("robert"));
        assert_eq!(back.name(), "robert");
        assert_eq!(room.join(Via::Browser, &hello("ann")).name(), "robert");
        assert_eq!(
            lines(&mut ann).await,
            ["* bob joined", "* bob is now robert"]
        );
    }

    #[tokio::test]
    async fn who_joins_hears_the_last_messages_and_no_comings_and_goings() {
        let options = RoomOptions {
            history: 3,
            ..RoomOptions::default()
        };
        let room = Room::new(options, drop).unwrap();
        let ann = named(&room, "ann");
        for number in 0..5 {
            ann.say(&number.to_string(), None);
            drop(named(&room, "passer-by"));
        }
        let heard = events(&mut page(&room, "token-12345", None)).await;
        assert_eq!(texts(&heard), ["2", "3", "4"]);
        assert_eq!(heard.last().unwrap()["event"], "caught-up");
        assert_eq!(heard.len(), 4);
        assert_eq!(
            lines(&mut named(&room, "")).await,
            ["ann: 2", "ann: 3", "ann: 4"]
        );
    }

    /// Sizes of messages, some large enough to fill an outbox by their bytes, some by their number.
    fn sizes() -> impl Strategy<Value = Vec<usize>> {
        let few = prop::collection::vec(0usize..4096, 0..60);
        let many = prop::collection::vec(0usize..40, 0..2500);
        prop_oneof![few, many]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn who_joins_is_told_once_that_it_has_heard_what_was_before(
            before in sizes(),
            after in prop_oneof![Just(Vec::new()), sizes()],
            history in prop_oneof![0usize..4, Just(super::super::HISTORY_EVENTS)],
        ) {
            let options = RoomOptions { history, ..RoomOptions::default() };
            let room = Room::new(options, drop).unwrap();
            let ann = named(&room, "ann");
            let say = |(number, size): (usize, &usize)| {
                let text = format!("{number} {}", "x".repeat(*size));
                ann.say(&text, None);
                text
            };
            let said: Vec<String> = before.iter().enumerate().map(say).collect();
            let mut tab = page(&room, "token-12345", None);
            // Half of what comes later is said before the page has heard anything.
            let (now, later) = after.split_at(after.len() / 2);
            let mut expected = said[said.len().saturating_sub(history)..].to_vec();
            expected.push("caught-up".to_owned());
            expected.extend(now.iter().enumerate().map(say));
            let mut heard = events(&mut tab).now_or_never().unwrap();
            expected.extend(later.iter().enumerate().map(say));
            heard.extend(events(&mut tab).now_or_never().unwrap());
            let heard: Vec<&str> = heard
                .iter()
                .map(|event| event.get("text").unwrap_or(&event["event"]).as_str().unwrap())
                .map(str::trim_end)
                .collect();
            let expected: Vec<&str> = expected.iter().map(|text| text.trim_end()).collect();
            prop_assert_eq!(heard, expected);
        }
    }

    #[tokio::test]
    async fn resuming_loses_nothing_and_doubles_nothing() {
        let room = room();
        let ann = named(&room, "ann");
        let mut tab = page(&room, "token-12345", None);
        ann.say("one", None);
        let before = events(&mut tab).await;
        let last = before.last().unwrap()["seq"].as_u64();
        drop(tab);
        ann.say("two", None);
        let mut tab = page(&room, "token-12345", last);
        ann.say("three", None);
        let heard = events(&mut tab).await;
        let kinds: Vec<&str> = heard
            .iter()
            .map(|event| event["event"].as_str().unwrap())
            .collect();
        assert_eq!(kinds, ["left", "said", "joined", "caught-up", "said"]);
        assert_eq!(texts(&heard), ["two", "three"]);
        let numbers: Vec<u64> = heard
            .iter()
            .filter_map(|event| event["seq"].as_u64())
            .collect();
        assert_eq!(
            numbers,
            (last.unwrap() + 1..=last.unwrap() + 4).collect::<Vec<_>>()
        );
        for after in [1000, u64::MAX] {
            let heard = events(&mut page(&room, "token-99999", Some(after))).await;
            assert_eq!(
                texts(&heard),
                ["one", "two", "three"],
                "not of this room: as on a first visit"
            );
        }
    }

    #[tokio::test]
    async fn what_is_sent_again_is_not_said_again() {
        let room = room();
        let mut other = named(&room, "other");
        let tab = page(&room, "token-12345", None);
        assert_eq!(tab.say("hi", Some("4")), Said::Published);
        let Said::Before(seq, own) = tab.say("hi", Some("4")) else {
            panic!("said twice");
        };
        assert!(!tab.has_read(seq));
        drop(tab);
        let mut tab = page(&room, "token-12345", None);
        assert_eq!(
            tab.say("hi", Some("4")),
            Said::Before(seq, own),
            "also after it came back"
        );
        assert_eq!(tab.say("hi", Some("5")), Said::Published);
        let said = lines(&mut other).await;
        assert_eq!(said.iter().filter(|line| line.ends_with(": hi")).count(), 2);
        let heard = events(&mut tab).await;
        assert_eq!(
            (&heard[0]["id"], &heard[0]["client"]),
            (&"4".into(), &"token-12345".into())
        );
        let mut stranger = page(&room, "token-99999", None);
        let heard = events(&mut stranger).await;
        assert_eq!(texts(&heard), ["hi", "hi"]);
        assert!(
            heard
                .iter()
                .all(|event| event.get("client").is_none() && event.get("id").is_none())
        );
        assert_eq!(
            stranger.say("mine", Some("4")),
            Said::Published,
            "numbers are each client's own"
        );
    }

    #[tokio::test]
    async fn who_does_not_read_falls_out_and_the_room_stays_bounded() {
        let room = room();
        let mut slow = named(&room, "slow");
        let mut quick = named(&room, "quick");
        let ann = named(&room, "ann");
        let text = "x".repeat(4096);
        let mut heard = 0;
        for _ in 0..2 * WINDOW_BYTES / text.len() {
            ann.say(&text, None);
            heard += lines(&mut quick)
                .await
                .iter()
                .filter(|line| line.starts_with("ann: "))
                .count();
        }
        assert_eq!(heard, 2 * WINDOW_BYTES / text.len());
        assert_eq!(bytes(&mut slow).await, Err(Lagged));
        assert!(
            kept(&room) < WINDOW_BYTES / 4096,
            "the text is kept for both faces"
        );
        for _ in 0..2 * WINDOW_EVENTS {
            ann.say("x", None);
        }
        assert_eq!(kept(&room), WINDOW_EVENTS);
        assert_eq!(bytes(&mut quick).await, Err(Lagged));
    }

    #[tokio::test]
    async fn ten_thousand_comings_and_goings_leave_nothing_behind() {
        let room = room();
        for number in 0..10_000 {
            let member = page(&room, &format!("token-{number}"), None);
            member.watch("docs/".to_owned());
        }
        assert!(room.members().is_empty() && room.watched().is_empty());
        assert!(room.state().is_empty());
        assert!(kept(&room) <= WINDOW_EVENTS);
    }

    #[tokio::test]
    async fn a_page_opened_twice_is_one_member() {
        let room = room();
        let mut other = named(&room, "other");
        let tabs = [
            page(&room, "token-12345", None),
            page(&room, "token-12345", None),
        ];
        assert_eq!(tabs[0].id(), tabs[1].id());
        assert_eq!(room.members().len(), 2);
        let name = tabs[0].name();
        let [first, second] = tabs;
        drop(first);
        assert_eq!(lines(&mut other).await, [format!("* {name} joined")]);
        drop(second);
        assert_eq!(lines(&mut other).await, [format!("* {name} left")]);
    }

    #[tokio::test]
    async fn a_change_reaches_only_those_who_show_the_folder_and_once() {
        let room = room();
        let mut pages = ["token-00001", "token-00002"].map(|client| page(&room, client, None));
        pages[0].watch("docs/".to_owned());
        pages[1].watch(String::new());
        for page in &mut pages {
            events(page).await;
        }
        assert_eq!(room.watched(), ["", "docs/"]);
        room.changed("docs/");
        room.changed("docs/");
        room.changed("nowhere/");
        let heard = events(&mut pages[0]).await;
        assert_eq!(
            heard,
            [serde_json::json!({"event": "changed", "path": "docs/"})]
        );
        assert!(events(&mut pages[0]).await.is_empty());
        assert!(events(&mut pages[1]).await.is_empty());
    }

    #[tokio::test]
    async fn a_file_is_told_with_who_brought_it() {
        let room = room();
        let mut tab = page(&room, "token-12345", None);
        events(&mut tab).await;
        let file = SharedFile {
            path: "a\u{1b}b",
            href: "/a%1bb",
            size: 3,
        };
        room.shared(&file, Some("token-12345"));
        room.shared(&file, Some("nobody's"));
        let heard = events(&mut tab).await;
        assert_eq!(heard[0]["name"], tab.name());
        assert_eq!(heard[0]["path"], "a\u{fffd}b");
        assert_eq!(
            (&heard[1]["member"], &heard[1]["name"]),
            (&Value::Null, &Value::Null)
        );
    }

    #[tokio::test]
    async fn nothing_that_acts_on_a_terminal_is_passed_on() {
        let room = room();
        let mut other = named(&room, "other");
        let ann = named(&room, "ann");
        lines(&mut other).await;
        let hostile = "a\x1b]52;c;eA==\x07\rb\t\u{202e}\u{200b}\u{9b}\n\n<script>\0\r\nlast\n";
        assert_eq!(ann.say(hostile, None), Said::Published);
        let heard = lines(&mut other).await;
        assert_eq!(
            heard[0],
            "ann: a\u{fffd}]52;c;eA==\u{fffd}\u{fffd}b    \u{fffd}\u{fffd}\u{fffd}"
        );
        assert_eq!(heard[1..], ["ann: ", "ann: <script>\u{fffd}", "ann: last"]);
        for nothing in ["", " ", "\n\n", " \t \r\n"] {
            assert_eq!(ann.say(nothing, None), Said::Empty);
        }
    }
}
