//! The start lines: where to go, the key, who may read and write.

use std::io::Write;

use crate::raw::get;
use crate::up::Up;

#[track_caller]
fn start_lines(up: &Up) -> String {
    let mut text = String::new();
    loop {
        let line = up.next_stdout();
        text += &(line.clone() + "\n");
        if line.trim_start().starts_with("Stop") {
            return text;
        }
    }
}

#[test]
fn on_loopback_everybody_here_may_read_and_it_says_so() {
    let up = Up::start(&["--room", "Plans"]);
    let text = start_lines(&up);
    assert!(
        text.contains("Plans") && text.contains(&format!("Open    http://{}/\n", up.page)),
        "{text}"
    );
    assert!(
        text.contains(&format!("nc {}", up.chat.replace(':', " "))),
        "{text}"
    );
    assert!(
        text.contains("every user of this machine can read; nobody else can"),
        "{text}"
    );
    assert!(
        text.contains("--write allows it") && text.contains("--lan"),
        "{text}"
    );
    assert!(
        get(&up.page, "/").text().contains("<title>Plans"),
        "the page is called so too"
    );
}

#[test]
fn any_wider_listener_needs_a_key_whatever_it_is_called() {
    for (listen, chat) in [
        ("*:0", "127.0.0.1:0"),
        ("127.0.0.1:0", "0.0.0.0:0"),
        ("127.0.0.1:0", "[::]:0"),
        ("127.0.0.1:0", "unix:@landline-test-invite"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let up = Up::on(folder.path(), &["--listen", listen, "--chat-listen", chat]);
        let text = start_lines(&up);
        let key = text
            .split_once("/?key=")
            .unwrap_or_else(|| panic!("no key for {listen} and {chat}: {text}"))
            .1
            .split_whitespace()
            .next()
            .unwrap();
        assert!(key.len() >= 26, "128 bits: {key}");
        assert!(text.contains("whoever has the key can read"), "{text}");
        let port = up.page.rsplit_once(':').unwrap().1;
        assert_eq!(get(&format!("127.0.0.1:{port}"), "/").status, 401);
        assert_eq!(
            get(&format!("127.0.0.1:{port}"), &format!("/?key={key}")).status,
            303
        );
    }
}

#[test]
fn without_a_key_the_start_lines_warn() {
    let folder = tempfile::tempdir().unwrap();
    let up = Up::on(
        folder.path(),
        &[
            "--listen",
            "*:0",
            "--chat-listen",
            "*:0",
            "--no-key",
            "--write",
        ],
    );
    let text = start_lines(&up);
    assert!(
        text.contains("EVERYBODY who can reach this machine can read and add files"),
        "{text}"
    );
    assert!(text.contains("plain HTTP"), "{text}");
    assert!(!text.contains("key="), "{text}");
    let port = up.page.rsplit_once(':').unwrap().1;
    assert_eq!(get(&format!("127.0.0.1:{port}"), "/").status, 200);
    assert_eq!(
        get(&format!("[::1]:{port}"), "/").status,
        200,
        "both stacks"
    );
}

#[test]
fn a_key_on_loopback_where_asked() {
    let up = Up::start(&["--key"]);
    assert!(start_lines(&up).contains("/?key="));
    assert_eq!(get(&up.page, "/").status, 401);
}

/// This machine's address in its network, as the kernel would choose it; nothing is sent.
fn own_address() -> Option<std::net::IpAddr> {
    let socket = std::net::UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.254:9").ok()?;
    let own = socket.local_addr().ok()?.ip();
    (!own.is_loopback() && !own.is_unspecified()).then_some(own)
}

#[test]
fn lan_lets_the_network_in_with_a_key() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.txt"), "shared").unwrap();
    let up = Up::on(folder.path(), &["--lan"]);
    let text = start_lines(&up);
    let port = |address: &str| address.rsplit_once(':').unwrap().1.to_owned();
    let (page, chat) = (port(&up.page), port(&up.chat));
    for address in [&up.page, &up.chat] {
        let host = address.rsplit_once(':').unwrap().0;
        assert!(
            ["[::]", "0.0.0.0"].contains(&host),
            "every interface: {address}"
        );
    }
    let own = own_address().map_or_else(|| "127.0.0.1".to_owned(), |own| own.to_string());
    let open = format!("http://{own}:{page}/?key=");
    let (_, rest) = text
        .split_once(&open)
        .unwrap_or_else(|| panic!("no {open}: {text}"));
    let key = rest.split_whitespace().next().unwrap();
    assert!(key.len() >= 26, "128 bits: {key}");
    assert!(text.contains(&format!("nc {own} {chat}\n")), "{text}");
    assert!(
        text.contains("whoever has the key can read") && text.contains("plain HTTP"),
        "{text}"
    );
    // By that address too, which stands for this machine in `Host` without being told.
    for host in ["127.0.0.1", &own] {
        let place = format!("{host}:{page}");
        assert_eq!(get(&place, "/").status, 401, "{host}");
        assert_eq!(get(&place, "/a.txt").status, 401, "{host}");
        assert_eq!(
            get(&place, &format!("/a.txt?key={key}")).status,
            303,
            "{host}"
        );
        let bearer = format!("Authorization: Bearer {key}");
        let answer = crate::raw::request(&place, "GET", "/a.txt", &[&bearer], b"");
        assert_eq!(
            (answer.status, answer.text().as_str()),
            (200, "shared"),
            "{host}"
        );
    }
    let mut nc = std::net::TcpStream::connect(format!("{own}:{chat}")).unwrap();
    nc.set_read_timeout(Some(crate::up::PATIENCE)).unwrap();
    let mut asked = [0; 5];
    std::io::Read::read_exact(&mut nc, &mut asked).unwrap();
    assert_eq!(&asked, b"key?\n");
    nc.write_all(b"not the key\n").unwrap();
    let mut told = String::new();
    std::io::Read::read_to_string(&mut nc, &mut told).unwrap();
    assert!(!told.contains("/help"), "{told}");
}

#[test]
fn lan_shows_addresses_and_a_code_in_a_terminal() {
    // `script` gives the room a terminal, without which there is nobody to show a code to.
    let folder = tempfile::tempdir().unwrap();
    let command = format!(
        "{} up {} --lan",
        env!("CARGO_BIN_EXE_landline"),
        folder.path().display()
    );
    let mut child = std::process::Command::new("script")
        .args(["--quiet", "--flush", "--command", &command, "/dev/null"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let stdout = std::io::BufReader::new(child.stdout.take().unwrap());
    let (mut stdin, mut text) = (child.stdin.take(), String::new());
    for line in std::io::BufRead::lines(stdout).map_while(Result::ok) {
        text += &(line + "\n");
        // What is typed reaches the room: Ctrl-C ends it, and its terminal with it.
        if text.matches('█').count() > 100
            && let Some(mut terminal) = stdin.take()
        {
            terminal.write_all(b"\x03").unwrap();
        }
    }
    assert!(child.wait().unwrap().success());
    assert!(
        text.contains("listening on http://") && text.contains("/?key="),
        "{text}"
    );
    assert!(text.matches('█').count() > 100, "{text}");
}
