//! Pictures of the page with content as it may be, for the papers: `target/screenshots/*.png`.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde_json::json;

use super::address;
use super::driver::{Browser, Tab, drive};
use super::nc::Nc;
use crate::up::Up;

/// A room as it may be.
struct Scene {
    language: &'static str,
    room: &'static str,
    /// Names with their size in bytes and how many minutes ago they changed.
    files: &'static [(&'static str, u64, u64)],
    /// Two in the browser, two with `nc`; the first is who looks.
    people: [&'static str; 4],
    /// Who says what; one who says a name of `uploads` uploads it instead.
    talk: &'static [(usize, &'static str)],
    upload: (&'static str, u64),
}

impl Scene {
    /// Opens the room and plays the scene; the tab is the first person's, on a screen of their own.
    async fn play(&self, browser: &Browser, prepare: impl AsyncFn(&Tab)) -> (Stage, Tab) {
        let up = Up::start(&["--write", "--room", self.room]);
        for (name, size, minutes) in self.files {
            let path = up.folder().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            fill(&path, *size, *minutes);
            // A folder is as old as its newest file.
            if path.parent() != Some(up.folder()) {
                age(path.parent().unwrap(), *minutes);
            }
        }
        let tab = self.enter(browser, &up, 0, prepare).await;
        if tab
            .eval("document.querySelector('#tab-chat').checkVisibility()")
            .await
            == true
        {
            tab.click("#tab-chat").await;
        }
        let other = self.enter(browser, &up, 1, async |_| {}).await;
        let mut terminals = [
            Nc::called(self.people[2], &up),
            Nc::called(self.people[3], &up),
        ];
        let source = tempfile::tempdir().unwrap();
        for (who, text) in self.talk {
            match who {
                _ if *text == self.upload.0 => {
                    let path = source.path().join(text);
                    fill(&path, self.upload.1, 0);
                    other.choose("#upload-files", &[&path]).await;
                    tab.until(&format!(
                        "document.querySelector('#history .file[data-path={}]')",
                        json!(text)
                    ))
                    .await;
                    continue;
                }
                0 => tab.say(text).await,
                1 => other.say(text).await,
                _ => terminals[who - 2].say(text),
            }
            tab.until_said(text).await;
        }
        tab.until_row(self.upload.0).await;
        tab.until("!document.querySelector('.fresh, .pending')")
            .await;
        tab.eval("document.activeElement.blur()").await;
        (
            Stage {
                _up: up,
                _other: other,
                _terminals: terminals,
            },
            tab,
        )
    }

    async fn enter(
        &self,
        browser: &Browser,
        up: &Up,
        who: usize,
        prepare: impl AsyncFn(&Tab),
    ) -> Tab {
        let tab = browser.visitor("about:blank").await;
        tab.speak(self.language).await;
        prepare(&tab).await;
        tab.before_pages(SPREAD_OUT).await;
        // As if they had chosen their name long ago.
        let name = json!(self.people[who]);
        tab.before_pages(&format!("localStorage?.setItem('landline.name', {name})"))
            .await;
        tab.goto(&address(up)).await;
        tab.until_ready().await;
        tab
    }
}

/// What must stay until the pages are closed, since they would complain.
struct Stage {
    _up: Up,
    _other: Tab,
    _terminals: [Nc; 2],
}

/// A file of this size, without content.
fn fill(path: &Path, size: u64, minutes: u64) {
    File::create(path).unwrap().set_len(size).unwrap();
    age(path, minutes);
}

fn age(path: &Path, minutes: u64) {
    let changed = SystemTime::now() - Duration::from_secs(minutes * 60);
    File::open(path).unwrap().set_modified(changed).unwrap();
}

async fn keep(tab: &Tab, name: &str, (width, height): (u32, u32)) {
    let picture = tab.picture().await;
    let side = |at: usize| u32::from_be_bytes(picture[at..at + 4].try_into().unwrap());
    assert_eq!((side(16), side(20)), (width, height), "{name}");
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).with_file_name("screenshots");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(name).with_extension("png"), picture).unwrap();
}

const DESKTOP: (u32, u32) = (1280, 800);

#[test]
fn desktop_light_and_dark() {
    drive(async |browser| {
        let (stage, tab) = HARBOUR
            .play(browser, async |tab| tab.resize(DESKTOP.0, DESKTOP.1).await)
            .await;
        keep(&tab, "up-desktop", DESKTOP).await;
        tab.darken().await;
        keep(&tab, "up-dark", DESKTOP).await;
        stage
    });
}

#[test]
fn desktop_in_chinese() {
    drive(async |browser| {
        let (stage, tab) = TEA
            .play(browser, async |tab| tab.resize(DESKTOP.0, DESKTOP.1).await)
            .await;
        let language = tab.eval("document.documentElement.lang").await;
        assert!(language.as_str().unwrap().starts_with("zh"), "{language}");
        keep(&tab, "up-zh", DESKTOP).await;
        stage
    });
}

#[test]
fn phone_with_files_and_with_chat() {
    drive(async |browser| {
        let (stage, tab) = HARBOUR
            .play(browser, async |tab| tab.become_phone().await)
            .await;
        tab.click("#tab-files").await;
        keep(&tab, "up-phone", (780, 1688)).await;
        tab.click("#tab-chat").await;
        keep(&tab, "up-phone-chat", (780, 1688)).await;
        stage
    });
}

/// As if they had talked for half an hour, which nobody waits for: what came before the upload is older than it was.
const SPREAD_OUT: &str = "const parse = JSON.parse;
JSON.parse = (text) => {
  const event = parse(text);
  if (event?.at && event.seq) event.at -= Math.max(0, 14 - event.seq) ** 1.5 * 90_000;
  return event;
}";

const HOUR: u64 = 60;
const DAY: u64 = 24 * HOUR;

const HARBOUR: Scene = Scene {
    language: "en-GB",
    room: "Harbour House",
    files: &[
        ("Minutes/2026-11-04.md", 4_180, 2 * DAY + 252),
        ("Photos/roof.jpg", 3_400_000, 5 * HOUR + 30),
        ("Plans/ground floor.pdf", 2_400_000, 9 * DAY + 116),
        ("Permits/heritage office.pdf", 880_000, 40 * DAY + 416),
        ("Budget 2026.xlsx", 48_300, 3 * HOUR + 41),
        (
            "Drone flight over the old harbour, morning light.mp4",
            1_284_000_000,
            26 * HOUR,
        ),
        ("Kick-off recording.m4a", 38_200_000, 8 * DAY + 169),
        ("Logo.svg", 14_100, 70 * DAY + 103),
        ("Materials.csv", 221_000, 4 * DAY + 79),
        ("Presentation.pptx", 9_820_000, 6 * HOUR + 12),
        ("Press kit.zip", 126_000_000, 12 * DAY + 422),
        ("README.md", 3_050, 400 * DAY + 573),
        ("Site survey.pdf", 5_640_000, 20 * DAY + 307),
        ("Team in front of the gate.jpg", 4_120_000, 30 * HOUR + 14),
        ("deploy.sh", 1_210, 15 * DAY + 238),
    ],
    people: ["Maya", "Jonas", "lin", "workshop-pi"],
    talk: &[
        (
            1,
            "Hello! The drone footage from yesterday is in the folder.",
        ),
        (2, "got it, 1.3 GB in eleven seconds over the cable"),
        (3, "sensor 4: 18.2 °C, 61 % humidity"),
        (
            2,
            "paint samples are on https://example.org/samples if anybody wants to choose",
        ),
        (0, "The green one. Always the green one. 🌿"),
        (0, "Is the new floor plan ready for the meeting?"),
        (1, "Two walls moved. Give me a minute."),
        (1, "Floor plan v3.pdf"),
        (0, "That was quick, thank you!"),
    ],
    upload: ("Floor plan v3.pdf", 2_760_000),
};

const TEA: Scene = Scene {
    language: "zh-CN",
    room: "茶山工作室",
    files: &[
        ("会议记录/十一月.md", 4_180, 2 * DAY + 543),
        ("场地照片/屋顶.jpg", 3_400_000, 5 * HOUR + 45),
        ("设计图/一层.pdf", 2_400_000, 9 * DAY + 379),
        ("2026 年预算.xlsx", 48_300, 3 * HOUR + 28),
        ("启动会录音.m4a", 38_200_000, 8 * DAY + 187),
        ("宣传资料.zip", 126_000_000, 12 * DAY + 119),
        ("标志.svg", 14_100, 70 * DAY + 279),
        ("汇报演示.pptx", 9_820_000, 6 * HOUR + 24),
        ("清晨航拍：茶山与老码头.mp4", 1_284_000_000, 26 * HOUR + 12),
        ("材料清单.csv", 221_000, 4 * DAY + 277),
        ("现场勘察报告.pdf", 5_640_000, 20 * DAY + 289),
        ("许可文件.pdf", 880_000, 40 * DAY + 209),
        ("说明.md", 3_050, 400 * DAY + 179),
        ("deploy.sh", 1_210, 15 * DAY + 328),
    ],
    people: ["小林", "佳宁", "laowang", "workshop-pi"],
    talk: &[
        (1, "大家好！昨天的航拍视频已经放进文件夹了。"),
        (2, "收到，1.3 GB 走网线只用了十一秒"),
        (3, "sensor 4: 18.2 °C, 61 % humidity"),
        (2, "涂料样品在 https://example.org/samples 大家选一下"),
        (0, "绿色那款，一直都是绿色。🌿"),
        (0, "开会要用的新平面图好了吗？"),
        (1, "有两面墙挪了位置，稍等一分钟。"),
        (1, "平面图 第三版.pdf"),
        (0, "真快，辛苦了！"),
    ],
    upload: ("平面图 第三版.pdf", 2_760_000),
};
