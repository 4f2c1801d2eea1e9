//! Who may ask: only pages of our own origin, and only who has the key where there is one.

use landline_socket::Address;
use landline_wire::http::{
    FetchSite, Host, HostName, Method, Origin, RequestHead, ResponseHead, SecFetch, Status,
    authorization, cookie, query_value,
};
use landline_wire::name::RelativeName;

use super::Refusal;
use super::reply::Reply;
use crate::base::Key;

/// The rules at the door of a listener that browsers can reach.
#[derive(Debug)]
pub struct Guard {
    hosts: Hosts,
    key: Option<Key>,
}

/// Names that a listener is asked for by, beside its addresses and `localhost`.
#[derive(Clone, Debug, Default)]
pub struct Hosts {
    /// This machine's own: not for its loopback addresses, to which a network could point them.
    pub own: Vec<String>,
    /// Those that the owner allows, such as a reverse proxy's, which may speak TLS for us.
    pub allowed: Vec<String>,
}

impl Guard {
    /// A door that is asked for by `hosts`, and opens to who has `key`, where there is one.
    #[must_use]
    pub fn new(hosts: Hosts, key: Option<Key>) -> Self {
        Self { hosts, key }
    }

    /// Keeps foreign pages out: a name that is made to point at this machine (`Host`), another
    /// page's script (`Origin`), another page's markup (`Sec-Fetch-Site`).
    ///
    /// # Errors
    /// 421 for a host that is not ours, 403 for a request that another site's page made.
    pub fn check_site(&self, head: &RequestHead, local: &Address) -> Result<(), Refusal> {
        let host = head.host();
        if let Some(host) = host
            && !self.is_ours(&host, local)
        {
            let detail = "This is not the host that was asked for. Its owner can allow the name with --allow-host.";
            return Err(Refusal::new(Status::MISDIRECTED_REQUEST, detail));
        }
        if let Some(origin) = head.headers().get("origin")? {
            let is_same = host.is_some_and(|host| {
                Origin::parse(origin).is_some_and(|origin| {
                    let by_tls = self.is_allowed(&host) && origin.is_same("https", host);
                    by_tls || origin.is_same("http", host)
                })
            });
            if !is_same {
                return Err(foreign());
            }
        }
        let fetch = SecFetch::of(head.headers())?;
        let is_navigation =
            fetch.is_top_level_navigation() && matches!(head.method(), Method::Get | Method::Head);
        // Another port of the same host is another site to us too.
        let is_own = matches!(
            fetch.site,
            None | Some(FetchSite::SameOrigin | FetchSite::None)
        );
        if !is_own && !is_navigation {
            return Err(foreign());
        }
        Ok(())
    }

    /// Lets in who has the key, or the session it was traded for; `Some` is the trade itself.
    ///
    /// # Errors
    /// 401 without the key or with a wrong one.
    pub fn check_key(&self, head: &RequestHead, local: &Address) -> Result<Option<Reply>, Refusal> {
        let Some(key) = &self.key else {
            return Ok(None);
        };
        if let Some(guess) = authorization::bearer(head.headers())? {
            return if key.fits(guess) {
                Ok(None)
            } else {
                Err(unknown("That is not the key of this room."))
            };
        }
        // Another server on this host may have set a cookie of the same name: any that fits will do.
        let is_known = cookie::values(head.headers(), &cookie_name(local))
            .any(|guess| key.fits_session(guess));
        if matches!(head.method(), Method::Get | Method::Head)
            && let Some(guess) = head.query_value("key")
        {
            return if is_known || key.fits(guess.trim().as_bytes()) {
                trade(key, head, local).map(Some)
            } else {
                Err(unknown("That is not the key of this room."))
            };
        }
        if is_known {
            return Ok(None);
        }
        Err(unknown(
            "This room needs its key: it is in the address that the room's owner sees.",
        ))
    }

    fn is_ours(&self, host: &Host<'_>, local: &Address) -> bool {
        let Some(here) = local.ip() else {
            // A Unix socket has no name, and no browser can reach it.
            return true;
        };
        match host.name {
            HostName::Name(name) if without_dot(name).eq_ignore_ascii_case("localhost") => true,
            HostName::Name(name) => {
                self.is_allowed(host) || (!here.is_loopback() && is_among(&self.hosts.own, name))
            }
            // An address cannot be made to point elsewhere, but it must be the one asked.
            HostName::V4(ip) => here == ip || self.is_allowed(host),
            HostName::V6(ip) => here == ip || self.is_allowed(host),
        }
    }

    fn is_allowed(&self, host: &Host<'_>) -> bool {
        let allowed = &self.hosts.allowed;
        match host.name {
            HostName::Name(name) => is_among(allowed, name),
            HostName::V4(ip) => allowed.iter().any(|ours| ours.parse() == Ok(ip)),
            HostName::V6(ip) => allowed.iter().any(|ours| ours.parse() == Ok(ip)),
        }
    }
}

fn is_among(names: &[String], name: &str) -> bool {
    let name = without_dot(name);
    names.iter().any(|ours| ours.eq_ignore_ascii_case(name))
}

/// A name may end in the root's dot.
fn without_dot(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

/// The session cookie for the key, and the same address without it.
fn trade(key: &Key, head: &RequestHead, local: &Address) -> Result<Reply, Refusal> {
    // Parsed and written anew, so that `//elsewhere` cannot become an address elsewhere.
    let name = RelativeName::parse_path(head.path())?;
    let kept: Vec<&str> = head
        .query()
        .unwrap_or("")
        .split('&')
        .filter(|pair| !pair.is_empty() && query_value(pair, "key").is_none())
        .collect();
    let query = if kept.is_empty() {
        String::new()
    } else {
        format!("?{}", kept.join("&"))
    };
    let cookie = format!(
        "{}={}; Path=/; HttpOnly; SameSite=Lax",
        cookie_name(local),
        key.session()
    );
    Ok(Reply::empty(
        ResponseHead::new(Status::SEE_OTHER)
            .with("Location", name.href() + &query)
            .with("Set-Cookie", cookie)
            .with("Cache-Control", "no-store"),
    ))
}

/// Cookies are shared by all ports of a host, so the port is in the name.
fn cookie_name(local: &Address) -> String {
    match local.port() {
        Some(port) => format!("landline_{port}"),
        None => "landline".to_owned(),
    }
}

fn foreign() -> Refusal {
    Refusal::new(
        Status::FORBIDDEN,
        "This request came from a page of another site.",
    )
}

fn unknown(detail: &str) -> Refusal {
    Refusal::new(Status::UNAUTHORIZED, detail)
        .with("WWW-Authenticate", "Bearer realm=\"landline\"")
        .asking_for_key()
}
