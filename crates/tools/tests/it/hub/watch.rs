//! Folders on show: whatever changes one is told to the pages that show it, and soon.

use std::fs;
use std::time::Duration;

use futures_util::SinkExt as _;
use tokio_tungstenite::tungstenite::Message;

use super::{House, Tab};

impl Tab {
    /// Shows a folder, and waits until it is known to.
    async fn show(&mut self, house: &House, folder: &str) {
        let request = serde_json::json!({"do": "watch", "path": folder});
        self.0
            .send(Message::text(request.to_string()))
            .await
            .unwrap();
        // The watch is set a moment after the request: files until one is told of.
        let place = house.path().join(folder);
        let told = async {
            for n in 0.. {
                fs::write(place.join(format!("show {n}")), "").unwrap();
                let told = tokio::time::timeout(Duration::from_millis(300), self.changed(folder));
                if told.await.is_ok() {
                    return;
                }
            }
        };
        crate::peer::soon(told).await;
    }

    /// Waits until it is told that the folder changed.
    async fn changed(&mut self, folder: &str) {
        while self.until("changed").await["path"] != folder {}
    }
}

#[tokio::test]
async fn a_file_that_comes_goes_or_grows_is_told() {
    let house = House::open();
    let mut tab = house.tab().await;
    fs::create_dir(house.path().join("docs")).unwrap();
    tab.show(&house, "docs/").await;
    let file = house.path().join("docs/new.txt");
    let begin = std::time::Instant::now();
    fs::copy("/etc/passwd", &file).unwrap();
    tab.changed("docs/").await;
    assert!(
        begin.elapsed() < Duration::from_secs(5),
        "at once, as a person sees it"
    );
    fs::write(&file, "longer").unwrap();
    tab.changed("docs/").await;
    fs::rename(&file, house.path().join("docs/other.txt")).unwrap();
    tab.changed("docs/").await;
    fs::remove_file(house.path().join("docs/other.txt")).unwrap();
    tab.changed("docs/").await;
    fs::create_dir(house.path().join("docs/sub")).unwrap();
    tab.changed("docs/").await;
}

#[tokio::test]
async fn each_page_is_told_of_the_folder_that_it_shows() {
    let house = House::open();
    for folder in ["one", "two"] {
        fs::create_dir(house.path().join(folder)).unwrap();
    }
    let (mut first, mut second) = (house.tab().await, house.tab().await);
    first.show(&house, "one/").await;
    second.show(&house, "two/").await;
    // It shows another now, and the first one is no longer its matter.
    first.show(&house, "").await;
    fs::write(house.path().join("two/new.txt"), "").unwrap();
    second.changed("two/").await;
    fs::write(house.path().join("new.txt"), "").unwrap();
    first.changed("").await;
}

#[tokio::test]
async fn a_folder_that_is_removed_and_made_again_is_watched_again() {
    let house = House::open();
    let mut tab = house.tab().await;
    let folder = house.path().join("docs");
    fs::create_dir(&folder).unwrap();
    tab.show(&house, "docs/").await;
    for round in 0..2 {
        fs::remove_dir_all(&folder).unwrap();
        tab.changed("docs/").await;
        fs::create_dir(&folder).unwrap();
        // What was told before may have been of the removal still: files come until they are told.
        let mut told = 0;
        for n in 0..20 {
            fs::write(folder.join(format!("{n}.txt")), "").unwrap();
            let wait = Duration::from_millis(500);
            if tokio::time::timeout(wait, tab.changed("docs/"))
                .await
                .is_ok()
            {
                told += 1;
            }
            if told == 3 {
                break;
            }
        }
        assert_eq!(told, 3, "round {round}: it is watched again");
    }
}

#[tokio::test]
async fn steady_writing_is_told_before_it_ends() {
    let house = House::open();
    let mut tab = house.tab().await;
    tab.show(&house, "").await;
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    let mut written = 0;
    let writing = async {
        loop {
            ticks.tick().await;
            written += 1;
            fs::write(house.path().join(format!("{written}.txt")), "x").unwrap();
        }
    };
    let told = async {
        // More than once, so that the first was not an echo of what came before.
        for _ in 0..3 {
            tab.changed("").await;
        }
    };
    tokio::select! {
        () = crate::peer::soon(told) => {}
        () = writing => {}
    }
    assert!(written > 0, "it was told while files still came");
}
