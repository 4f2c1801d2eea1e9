//! Who may ask: our own pages alone, and only with the key where there is one.

use crate::raw::{Answer, get, request};
use crate::up::Up;

const KEY: &str = "a-key-of-a-good-length";

fn with_key() -> Up {
    let up = Up::start(&[&format!("--key={KEY}"), "--write"]);
    up.put("a.txt", "shared");
    up
}

#[track_caller]
fn protected(answer: &Answer) {
    assert_eq!(
        answer.field("Cross-Origin-Resource-Policy"),
        "same-origin",
        "{}",
        answer.head
    );
    assert_eq!(
        answer.field("X-Content-Type-Options"),
        "nosniff",
        "{}",
        answer.head
    );
    assert_eq!(
        answer.field("Referrer-Policy"),
        "no-referrer",
        "{}",
        answer.head
    );
    assert!(
        answer
            .field("Content-Security-Policy")
            .contains("frame-ancestors 'none'"),
        "{}",
        answer.head
    );
}

#[test]
fn every_answer_is_protected_whatever_it_is() {
    let up = Up::start(&["--write"]);
    up.put("a.txt", "x");
    up.put("a.pdf", "x");
    for target in [
        "/",
        "/a.txt",
        "/a.pdf",
        "/none",
        "/.landline/page.css",
        "/.landline/none",
        "/.landline/archive/",
        "/../x",
    ] {
        protected(&get(&up.page, target));
    }
    protected(&request(&up.page, "PUT", "/a.txt", &[], b"x"));
    protected(&request(&up.page, "GET", "/", &["Host: evil.example"], b""));
    protected(&request(&up.page, "GET", "/", &["Bad Field: x"], b""));
    protected(&request(&up.page, "OPTIONS", "/a.txt", &[], b""));
}

#[test]
fn the_host_must_be_one_of_ours() {
    let up = Up::start(&["--allow-host", "Files.Example"]);
    let port = up.page.rsplit_once(':').unwrap().1.to_owned();
    for host in [
        "127.0.0.1",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "files.example",
        "FILES.EXAMPLE",
    ] {
        let field = format!("Host: {host}:{port}");
        assert_eq!(
            request(&up.page, "GET", "/", &[&field], b"").status,
            200,
            "{host}"
        );
    }
    for host in [
        "evil.example",
        "127.0.0.2",
        "[::1]",
        "localhost.evil.example",
        "files.example.evil.example",
        "10.0.0.1",
    ] {
        for method in ["GET", "PUT", "POST"] {
            let field = format!("Host: {host}:{port}");
            assert_eq!(
                request(&up.page, method, "/", &[&field], b"").status,
                421,
                "{method} {host}"
            );
        }
    }
    assert_eq!(
        request(&up.page, "GET", "/", &["Host: a b"], b"").status,
        400
    );
    assert_eq!(
        request(
            &up.page,
            "GET",
            "/",
            &["Host: localhost", "Host: localhost"],
            b""
        )
        .status,
        400
    );
}

#[test]
fn a_rebound_name_in_an_absolute_target_is_refused_too() {
    let up = Up::start(&[]);
    assert_eq!(get(&up.page, &format!("http://{}/", up.page)).status, 200);
    assert_eq!(get(&up.page, "http://evil.example/").status, 421);
}

#[test]
fn another_origin_is_refused() {
    let up = Up::start(&["--write"]);
    up.put("a.txt", "shared");
    let own = format!("Origin: http://{}", up.page);
    assert_eq!(request(&up.page, "GET", "/a.txt", &[&own], b"").status, 200);
    assert_eq!(
        request(&up.page, "PUT", "/own.txt", &[&own], b"x").status,
        201
    );
    let other_port = "Origin: http://127.0.0.1:1".to_owned();
    let tls = format!("Origin: https://{}", up.page);
    for origin in [
        "Origin: null",
        "Origin: http://evil.example",
        &other_port,
        &tls,
        "Origin: garbage",
    ] {
        for (method, target) in [
            ("GET", "/a.txt"),
            ("PUT", "/b.txt"),
            ("POST", "/.landline/upload/b.txt"),
        ] {
            assert_eq!(
                request(&up.page, method, target, &[origin], b"x").status,
                403,
                "{method} {origin}"
            );
        }
    }
    assert!(!up.folder().join("b.txt").exists());
}

#[test]
fn an_allowed_name_may_be_a_proxys_that_speaks_tls() {
    let up = Up::start(&["--allow-host", "room.example"]);
    let ask = |host: &str, origin: &str| {
        let fields = [format!("Host: {host}"), format!("Origin: {origin}")];
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        request(&up.page, "GET", "/", &fields, b"").status
    };
    assert_eq!(ask("room.example", "https://room.example"), 200);
    assert_eq!(ask("room.example", "http://room.example"), 200);
    assert_eq!(ask("room.example", "https://room.example:444"), 403);
    assert_eq!(ask("localhost", "https://localhost"), 403);
}

#[test]
fn our_own_name_does_not_open_loopback() {
    // A network can make this name mean 127.0.0.1; only what the owner allows does.
    let name = String::from_utf8(
        std::process::Command::new("uname")
            .arg("-n")
            .output()
            .unwrap()
            .stdout,
    )
    .unwrap();
    let up = Up::start(&[]);
    let own = format!("Host: {}.local", name.trim());
    assert_eq!(request(&up.page, "GET", "/", &[&own], b"").status, 421);
}

#[test]
fn the_key_leaves_the_address_however_it_is_spelled() {
    let up = with_key();
    let answer = get(&up.page, &format!("/?k%65y={KEY}&a=1&key=again"));
    assert_eq!((answer.status, answer.field("Location")), (303, "/?a=1"));
}

#[test]
fn a_foreign_page_can_link_here_and_nothing_else() {
    let up = Up::start(&[]);
    up.put("a.js", "secret()");
    let ask = |site: &str, mode: &str, dest: &str| {
        let fields = [
            format!("Sec-Fetch-Site: {site}"),
            format!("Sec-Fetch-Mode: {mode}"),
            format!("Sec-Fetch-Dest: {dest}"),
        ];
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        request(&up.page, "GET", "/a.js", &fields, b"").status
    };
    assert_eq!(ask("same-origin", "no-cors", "script"), 200);
    assert_eq!(ask("none", "navigate", "document"), 200, "typed");
    assert_eq!(
        ask("cross-site", "navigate", "document"),
        200,
        "a link, followed"
    );
    for site in ["cross-site", "same-site"] {
        assert_eq!(ask(site, "no-cors", "script"), 403, "<script src>");
        assert_eq!(ask(site, "no-cors", "image"), 403, "<img src>");
        assert_eq!(ask(site, "cors", "empty"), 403, "fetch()");
        assert_eq!(ask(site, "navigate", "iframe"), 403, "<iframe src>");
        assert_eq!(ask(site, "navigate", "object"), 403, "<object data>");
        assert_eq!(ask(site, "websocket", "websocket"), 403, "new WebSocket");
    }
    let form = [
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Mode: navigate",
        "Sec-Fetch-Dest: document",
    ];
    assert_eq!(
        request(&up.page, "POST", "/.landline/upload/x", &form, b"x").status,
        403,
        "<form method=post>"
    );
}

#[test]
fn without_the_key_nothing_is_read_or_written() {
    let up = with_key();
    for target in [
        "/",
        "/a.txt",
        "/.landline/room",
        "/.landline/archive/",
        "/none",
    ] {
        let answer = get(&up.page, target);
        assert_eq!(answer.status, 401, "{target}");
        assert!(
            answer.field("WWW-Authenticate").starts_with("Bearer"),
            "{target}"
        );
        assert!(!answer.text().contains("shared"), "{target}");
    }
    for fields in [
        vec!["Authorization: Bearer wrong"],
        vec!["Authorization: Basic YTpi"],
        vec!["Cookie: landline_1=x"],
        vec!["Authorization: Bearer "],
    ] {
        assert_eq!(
            request(&up.page, "GET", "/a.txt", &fields, b"").status,
            401,
            "{fields:?}"
        );
    }
    let cookie = format!(
        "Cookie: landline_{}={KEY}",
        up.page.rsplit_once(':').unwrap().1
    );
    assert_eq!(
        request(&up.page, "GET", "/a.txt", &[&cookie], b"").status,
        401,
        "the cookie is never the key itself"
    );
    assert_eq!(request(&up.page, "PUT", "/b.txt", &[], b"x").status, 401);
    assert_eq!(
        request(&up.page, "PUT", &format!("/b.txt?key={KEY}"), &[], b"x").status,
        401,
        "only for reading"
    );
    assert_eq!(
        request(&up.page, "POST", "/.landline/upload/b.txt", &[], b"x").status,
        401
    );
    assert!(!up.folder().join("b.txt").exists());
}

#[test]
fn the_key_opens_by_bearer() {
    let up = with_key();
    let bearer = format!("Authorization: Bearer {KEY}");
    assert_eq!(
        request(&up.page, "GET", "/a.txt", &[&bearer], b"").text(),
        "shared"
    );
    assert_eq!(
        request(&up.page, "PUT", "/b.txt", &[&bearer], b"x").status,
        201
    );
}

#[test]
fn the_key_in_the_address_is_traded_for_a_session() {
    let up = with_key();
    let answer = get(&up.page, &format!("/a.txt?download&key={KEY}"));
    assert_eq!(answer.status, 303);
    assert_eq!(
        answer.field("Location"),
        "/a.txt?download",
        "the key leaves the address bar"
    );
    let cookie = answer.field("Set-Cookie").to_owned();
    for part in ["; HttpOnly", "; SameSite=Lax", "; Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(!cookie.contains(KEY), "{cookie}");
    let port = up.page.rsplit_once(':').unwrap().1;
    assert!(cookie.starts_with(&format!("landline_{port}=")), "{cookie}");
    let session = cookie.split(';').next().unwrap();
    let field = format!("Cookie: other=1; {session}; landline_{port}=stale");
    assert_eq!(
        request(&up.page, "GET", "/a.txt", &[&field], b"").text(),
        "shared"
    );
    assert_eq!(get(&up.page, "/?key=wrong-key-of-some-length").status, 401);
}

#[test]
fn the_trade_never_redirects_elsewhere() {
    let up = with_key();
    for target in [
        "//evil.example/",
        "/%2fevil.example/",
        "/\\evil.example",
        "//evil.example",
    ] {
        let answer = get(&up.page, &format!("{target}?key={KEY}"));
        assert_eq!(answer.status, 404, "{target}: {}", answer.head);
    }
    let folder = Up::start(&[]);
    folder.put("evil.example/a", "");
    assert_eq!(
        get(&folder.page, "/evil.example").field("Location"),
        "/evil.example/"
    );
    assert_eq!(get(&folder.page, "//evil.example").status, 404);
}

#[test]
fn refusals_are_told_as_the_client_can_read_them() {
    let up = Up::start(&[]);
    let page = request(
        &up.page,
        "GET",
        "/none",
        &["Accept: text/html,*/*;q=0.8"],
        b"",
    );
    assert!(
        page.field("Content-Type").starts_with("text/html")
            && page.text().contains("<h1>Not Found</h1>")
    );
    let chinese = ["Accept: text/html", "Accept-Language: zh-CN,en;q=0.5"];
    let page = request(&up.page, "GET", "/none", &chinese, b"");
    assert!(page.text().contains("<html lang=\"zh-CN\">") && page.text().contains("没有找到"));
    let json = request(&up.page, "GET", "/none", &["Accept: application/json"], b"");
    let value: serde_json::Value = serde_json::from_slice(&json.body).unwrap();
    assert_eq!(value["error"]["status"], 404);
    let text = get(&up.page, "/none");
    assert!(text.field("Content-Type").starts_with("text/plain"));
    assert_eq!(text.text().lines().count(), 1, "{}", text.text());
    assert_eq!(text.field("Vary"), "Accept, Accept-Language");
    let escaped = request(
        &up.page,
        "GET",
        "/%3Cscript%3E",
        &["Accept: text/html"],
        b"",
    );
    assert!(!escaped.text().contains("<script>"));
}

#[test]
fn rfc6455_4_2_2_what_is_no_upgrade_is_told_what_would_be() {
    let up = Up::start(&[]);
    let plain = get(&up.page, "/.landline/room");
    assert_eq!(plain.status, 426);
    assert_eq!(plain.field("Upgrade"), "websocket");
    assert_eq!(plain.field("Sec-WebSocket-Version"), "13");
    let upgrade = "Connection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    for (version, more) in [("1.0", ""), ("1.1", "Content-Length: 3\r\n")] {
        let ask = format!(
            "GET /.landline/room HTTP/{version}\r\nHost: {}\r\n{upgrade}{more}\r\n",
            up.page
        );
        let answer = crate::raw::parse(&crate::raw::exchange(&up.page, ask.as_bytes()));
        assert!((400..500).contains(&answer.status), "{}", answer.head);
    }
}
