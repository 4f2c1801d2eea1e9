//! Uploads in the browser: by drop and by button, seen by everybody, cancelled without a trace.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::driver::{Tab, drive};
use super::{address, bytes, row};
use crate::up::Up;

/// Writes down every value that each bar takes.
const WATCH_BARS: &str = "globalThis.bars = {};
new MutationObserver((changes) => {
  for (const { target } of changes) {
    const name = target.closest('.upload').dataset.name;
    (bars[name] ??= []).push(target.value);
  }
}).observe(document.querySelector('#upload-list'), { subtree: true, attributeFilter: ['value'] })";

/// Something to upload, outside of the shared folder.
struct Source(TempDir);

impl Source {
    fn new(files: &[(&str, &[u8])]) -> Self {
        let source = Self(tempfile::tempdir().unwrap());
        for (name, content) in files {
            std::fs::create_dir_all(source.path(name).parent().unwrap()).unwrap();
            std::fs::write(source.path(name), content).unwrap();
        }
        source
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

impl Tab {
    async fn until_uploaded(&self, count: usize) {
        let all = "[...document.querySelectorAll('#upload-list .upload')]";
        self.until(&format!(
            "{all}.filter((one) => one.dataset.state === 'done').length === {count}"
        ))
        .await;
    }
}

/// Every name in `folder`, hidden ones too.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn dropped_files_and_folders_arrive_and_everybody_sees_them() {
    let up = Up::start(&["--write"]);
    let song = bytes(1_000_000);
    let source = Source::new(&[
        ("film.mp4", b"moves"),
        ("album/ä b.txt", b"words"),
        ("album/sub/song.ogg", &song),
    ]);
    drive(async |browser| {
        let other = browser.visitor(&address(&up)).await;
        other.until_ready().await;
        let tab = browser.tab(&address(&up)).await;
        tab.until_ready().await;
        let name = tab.eval("document.querySelector('#my-name').value").await;
        let (film, album) = (source.path("film.mp4"), source.path("album"));
        tab.drag(&[&film, &album]).await;
        tab.until("document.querySelector('#drop-overlay').checkVisibility()")
            .await;
        tab.drop(&[&film, &album]).await;
        tab.until_uploaded(3).await;

        let shared = |name: &str| std::fs::read(up.folder().join(name)).unwrap();
        assert_eq!(shared("film.mp4"), b"moves");
        assert_eq!(shared("album/ä b.txt"), b"words");
        assert!(shared("album/sub/song.ogg") == song);
        assert_eq!(names(up.folder()), ["album", "film.mp4"]);

        // By themselves: nobody touches the other page.
        other.until_row("film.mp4").await;
        other.until_row("album").await;
        for (path, href) in [
            ("film.mp4", "/film.mp4"),
            ("album/ä b.txt", "/album/%C3%A4%20b.txt"),
        ] {
            let file = format!(".file[data-path={}]", json!(path));
            let line = format!("#history .message[data-name={name}]:not(.own) {file} a.card");
            let link = format!("document.querySelector({}).href", json!(line));
            other.until(&link).await;
            assert_eq!(other.eval(&link).await, format!("http://{}{href}", up.page));
            let own = format!("#history .message.own[data-name={name}] {file}");
            tab.until(&format!("document.querySelector({})", json!(own)))
                .await;
        }
    });
}

#[test]
fn the_bar_moves() {
    let up = Up::start(&["--write"]);
    let content = bytes(2_000_000);
    let source = Source::new(&[("film.mp4", &content)]);
    drive(async |browser| {
        let tab = browser.tab(&address(&up)).await;
        tab.until_ready().await;
        tab.eval(WATCH_BARS).await;
        tab.slow_down(2_000_000.0).await;
        let film = source.path("film.mp4");
        tab.drag(&[&film]).await;
        tab.drop(&[&film]).await;
        tab.until_uploaded(1).await;
        let seen = tab.eval("bars['film.mp4']").await;
        let seen: Vec<f64> = seen
            .as_array()
            .unwrap()
            .iter()
            .filter_map(Value::as_f64)
            .collect();
        assert!(seen.is_sorted() && seen.last() == Some(&1.0), "{seen:?}");
        let mut between = seen.clone();
        between.retain(|value| 0.0 < *value && *value < 1.0);
        between.dedup();
        assert!(between.len() >= 2, "the bar jumped: {seen:?}");
    });
    assert!(std::fs::read(up.folder().join("film.mp4")).unwrap() == content);
}

#[test]
fn the_buttons_upload_too_and_nothing_is_replaced() {
    let up = Up::start(&["--write"]);
    up.put("notes.txt", "old");
    let source = Source::new(&[("notes.txt", b"new"), ("album/sub/song.txt", b"la")]);
    drive(async |browser| {
        let tab = browser.tab(&address(&up)).await;
        tab.until_ready().await;
        tab.choose("#upload-files", &[&source.path("notes.txt")])
            .await;
        tab.until_row("notes (2).txt").await;
        tab.until("document.querySelector('#upload-list').innerText.includes('notes (2).txt')")
            .await;
        tab.choose("#upload-folder", &[&source.path("album")]).await;
        tab.until_row("album").await;
    });
    assert_eq!(
        std::fs::read(up.folder().join("notes.txt")).unwrap(),
        b"old"
    );
    assert_eq!(
        std::fs::read(up.folder().join("notes (2).txt")).unwrap(),
        b"new"
    );
    assert_eq!(
        std::fs::read(up.folder().join("album/sub/song.txt")).unwrap(),
        b"la"
    );
}

#[test]
fn a_cancelled_upload_leaves_nothing() {
    let mut up = Up::start(&["--write"]);
    let source = Source::new(&[("film.mp4", &bytes(4_000_000))]);
    drive(async |browser| {
        let tab = browser.tab(&address(&up)).await;
        tab.until_ready().await;
        tab.slow_down(500_000.0).await;
        let film = source.path("film.mp4");
        tab.drag(&[&film]).await;
        tab.drop(&[&film]).await;
        tab.until("document.querySelector('#upload-list progress').value > 0")
            .await;
        tab.click("#upload-list .cancel").await;
        tab.until("document.querySelector('#upload-list .upload').dataset.state === 'cancelled'")
            .await;
        assert_eq!(tab.names().await, json!([]));
        browser.excuse("WebSocket connection to");
        browser.excuse("net::ERR_CONNECTION_");
        up.stop();
    });
    assert_eq!(names(up.folder()), [""; 0]);
}

#[test]
fn a_room_that_is_read_only_takes_nothing() {
    let up = Up::start(&[]);
    let source = Source::new(&[("notes.txt", b"new")]);
    drive(async |browser| {
        let tab = browser.tab(&address(&up)).await;
        tab.until_ready().await;
        assert_eq!(
            tab.eval("document.querySelector('#upload-files').checkVisibility()")
                .await,
            false
        );
        let notes = source.path("notes.txt");
        tab.drag(&[&notes]).await;
        tab.until("document.querySelector('#drop-overlay.refusing').checkVisibility()")
            .await;
        tab.drop(&[&notes]).await;
        assert_eq!(
            tab.eval("document.querySelector('#uploads').checkVisibility()")
                .await,
            false
        );
    });
    assert_eq!(names(up.folder()), [""; 0]);
}

#[test]
fn a_file_that_appears_on_disk_appears_on_the_page() {
    let up = Up::start(&[]);
    drive(async |browser| {
        let tab = browser.tab(&address(&up)).await;
        tab.until_ready().await;
        tab.until("document.querySelector('#state').dataset.state === 'empty'")
            .await;
        up.put("by hand.txt", "");
        tab.until_row("by hand.txt").await;
        tab.until(&format!("!document.querySelector('#state').checkVisibility() && document.querySelector({}).checkVisibility()", json!(row("by hand.txt")))).await;
    });
}
