//! Files in the browser: folders to walk, filter and order, downloads.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use super::driver::drive;
use super::{address, bytes, row};
use crate::raw::get;
use crate::up::Up;

#[test]
fn folders_are_walked_by_click_back_and_address() {
    let up = Up::start(&[]);
    up.put("docs/deep down/übersicht #1.txt", "found");
    up.put("a.txt", "");
    drive(async |browser| {
        let tab = browser.tab(&address(&up)).await;
        tab.until_ready().await;
        assert_eq!(tab.names().await, json!(["docs", "a.txt"]), "folders first");
        tab.click(&format!("{} .link", row("docs"))).await;
        tab.until("location.pathname === '/docs/'").await;
        tab.until_row("deep down").await;
        tab.click(&format!("{} .link", row("deep down"))).await;
        tab.until_row("übersicht #1.txt").await;
        assert_eq!(tab.eval("location.pathname").await, "/docs/deep%20down/");
        let link = format!(
            "document.querySelector({}).href",
            json!(row("übersicht #1.txt") + " .link")
        );
        let link = tab.eval(&link).await;
        let target = "/docs/deep%20down/%C3%BCbersicht%20%231.txt";
        assert_eq!(link, format!("http://{}{target}", up.page));
        assert_eq!(get(&up.page, target).text(), "found");

        tab.eval("history.back()").await;
        tab.until_row("deep down").await;
        assert_eq!(tab.eval("location.pathname").await, "/docs/");
        tab.click("#crumbs a").await;
        tab.until_row("a.txt").await;
        assert_eq!(tab.eval("location.pathname").await, "/");
        tab.goto(&format!("{}docs/deep%20down", address(&up))).await;
        tab.until_row("übersicht #1.txt").await;
        assert_eq!(tab.eval("location.pathname").await, "/docs/deep%20down/");
    });
}

#[test]
fn a_folder_is_filtered_and_ordered() {
    let up = Up::start(&[]);
    up.put("docs/x", "");
    up.put("file10.txt", "1");
    up.put("file9.txt", "four");
    up.put("Grüße.txt", "22");
    drive(async |browser| {
        let tab = browser.tab(&address(&up)).await;
        tab.until_ready().await;
        let by_name = json!(["docs", "file9.txt", "file10.txt", "Grüße.txt"]);
        assert_eq!(tab.names().await, by_name, "as people count");
        tab.click("[data-sort=size]").await;
        assert_eq!(
            tab.names().await,
            json!(["docs", "file9.txt", "Grüße.txt", "file10.txt"])
        );
        tab.click("[data-sort=size]").await;
        assert_eq!(
            tab.names().await,
            json!(["docs", "file10.txt", "Grüße.txt", "file9.txt"])
        );
        let order =
            "document.querySelector('[data-sort=size]').closest('[role=columnheader]').ariaSort";
        assert_eq!(tab.eval(order).await, "ascending", "and it is said");
        tab.click("[data-sort=name]").await;
        assert_eq!(tab.names().await, by_name);
        tab.click("#filter").await;
        tab.write("GRU").await;
        assert_eq!(
            tab.names().await,
            json!(["Grüße.txt"]),
            "whatever the case and the accents"
        );
        tab.press("Escape").await;
        assert_eq!(tab.names().await, by_name);
        tab.write("nothing like it").await;
        tab.until("document.querySelector('#state').dataset.state === 'no-match'")
            .await;
    });
}

#[test]
fn a_download_is_whole() {
    let up = Up::start(&[]);
    let content = bytes(50 << 20);
    up.put("big film.mp4", &content);
    drive(async |browser| {
        let tab = browser.tab(&address(&up)).await;
        tab.until_row("big film.mp4").await;
        let (name, path) = browser
            .download(tab.click(&format!("{} .act a", row("big film.mp4"))))
            .await;
        assert_eq!(name, "big film.mp4");
        assert_eq!(sha256(&path), sha256(&up.folder().join("big film.mp4")));
    });
    up.expect_stderr("big film.mp4");
}

#[test]
fn a_folder_is_downloaded_as_one_archive() {
    let up = Up::start(&[]);
    up.put("docs/übersicht.txt", "found");
    up.put("docs/deep/b.bin", bytes(100_000));
    drive(async |browser| {
        let tab = browser.tab(&address(&up)).await;
        tab.until_row("docs").await;
        let (name, path) = browser
            .download(tab.click(&format!("{} .act a", row("docs"))))
            .await;
        assert_eq!(name, "docs.zip");
        let script = "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; print(sorted(z.namelist()))";
        let python = Command::new("python3")
            .args(["-c", script])
            .arg(path)
            .output()
            .unwrap();
        let names = String::from_utf8(python.stdout).unwrap();
        assert!(
            names.contains("'übersicht.txt'") && names.contains("'deep/b.bin'"),
            "{names}"
        );
    });
}

#[test]
fn a_folder_that_is_not_there_is_said() {
    let up = Up::start(&[]);
    drive(async |browser| {
        browser.excuse("404");
        let tab = browser.tab(&address(&up)).await;
        tab.until_ready().await;
        tab.goto(&format!("{}none/", address(&up))).await;
        tab.until("document.body.innerText.includes('Not Found')")
            .await;
    });
}

fn sha256(path: &Path) -> String {
    let output = Command::new("sha256sum").arg(path).output().unwrap();
    String::from_utf8(output.stdout)
        .unwrap()
        .split_whitespace()
        .next()
        .expect("a hash")
        .to_owned()
}
