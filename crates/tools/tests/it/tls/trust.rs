//! Who is believed and who is not, and what is said of it; what cannot be an identity.

use std::time::Duration;

use landline_tools::base::tls::{Anchors, Defect, Fingerprint, Flaw, Identity, Refusal, Trust};

use super::authority::{Authority, Days, GOOD, Made, pem};
use super::{friends, meet};

fn identity(made: &Made) -> Identity {
    Identity::from_pem(made.chain.as_bytes(), made.key.as_bytes()).unwrap()
}

fn anchors(pem: &str) -> Trust {
    Trust::Anchors(Anchors::from_pem(pem.as_bytes()).unwrap())
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Why the client refuses, and what the server is told.
async fn refusal(made: &Made, trust: Trust, name: &str) -> (Flaw, String) {
    let (client, server) = meet(&identity(made), trust, Some(name)).await;
    let Err(Refusal::Certificate { shown, flaw }) = client else {
        panic!("{client:?}");
    };
    assert_eq!(shown, Fingerprint::of(&made.der));
    let Err(Refusal::Alert(told)) = server else {
        panic!("{server:?}");
    };
    (flaw, told)
}

#[tokio::test]
async fn whom_an_authority_vouches_for_is_believed_under_that_name_alone() {
    let authority = Authority::new();
    let made = authority.vouch(&["localhost", "*.example.org", "127.0.0.1", "::1"], GOOD);
    for name in [
        "localhost",
        "LOCALHOST",
        "a.example.org",
        "127.0.0.1",
        "::1",
    ] {
        let (client, server) = meet(&identity(&made), anchors(&authority.pem), Some(name)).await;
        let session = client.unwrap().session();
        assert_eq!(session.version, "TLS 1.3");
        assert!(session.cipher_suite.starts_with("TLS_AES_"), "{session:?}");
        assert_eq!(session.peer, Some(Fingerprint::of(&made.der)));
        assert_eq!(server.unwrap().session().peer, None);
    }
    for name in ["other", "b.a.example.org", "example.org", "127.0.0.2"] {
        let (flaw, told) = refusal(&made, anchors(&authority.pem), name).await;
        let Flaw::OtherName { wanted, names } = &flaw else {
            panic!("{flaw:?}");
        };
        assert_eq!(wanted, name);
        assert_eq!(names[..3], ["localhost", "*.example.org", "127.0.0.1"]);
        assert!(told.starts_with("bad_certificate"), "{told}");
    }
}

#[tokio::test]
async fn a_certificate_has_its_time() {
    let authority = Authority::new();
    let expired = authority.vouch(&["localhost"], Days(-9, -3));
    let (flaw, told) = refusal(&expired, anchors(&authority.pem), "localhost").await;
    let Flaw::Expired(ago) = flaw else {
        panic!("{flaw:?}");
    };
    assert!((3 * DAY..3 * DAY + DAY / 2).contains(&ago), "{ago:?}");
    assert_eq!(flaw.to_string(), "its certificate expired 3 days ago");
    assert!(told.starts_with("certificate_expired"), "{told}");

    let early = authority.vouch(&["localhost"], Days(2, 9));
    let (flaw, _) = refusal(&early, anchors(&authority.pem), "localhost").await;
    assert!(matches!(flaw, Flaw::NotYetValid(_)), "{flaw:?}");
    let said = flaw.to_string();
    assert!(
        said.starts_with("its certificate is not valid yet, but in "),
        "{said}"
    );
}

#[tokio::test]
async fn who_signs_for_himself_is_believed_by_who_was_told_so() {
    let other = Authority::new();
    for made in [
        Made::alone(&["localhost"], GOOD),
        other.vouch(&["localhost"], GOOD),
    ] {
        let (flaw, told) = refusal(&made, anchors(&Authority::new().pem), "localhost").await;
        assert_eq!(flaw, Flaw::UnknownIssuer);
        assert!(told.starts_with("unknown_ca"), "{told}");
    }
    let made = Made::alone(&["localhost"], GOOD);
    let (client, _) = meet(&identity(&made), anchors(&made.chain), Some("localhost")).await;
    client.unwrap();
    // Another key under the same name vouches for nobody.
    let (flaw, _) = refusal(
        &Made::alone(&["localhost"], GOOD),
        anchors(&made.chain),
        "localhost",
    )
    .await;
    assert_eq!(flaw, Flaw::UnknownIssuer);
}

#[tokio::test]
async fn what_openssl_makes_for_a_server_is_believed_when_it_is_named_itself() {
    let made = Made::openssls(&["localhost"], GOOD);
    let (client, _) = meet(&identity(&made), anchors(&made.chain), Some("localhost")).await;
    client.unwrap();

    let (flaw, _) = refusal(&made, anchors(&made.chain), "other").await;
    assert!(matches!(flaw, Flaw::OtherName { .. }), "{flaw:?}");
    let (flaw, _) = refusal(&made, anchors(&Authority::new().pem), "localhost").await;
    assert_eq!(flaw, Flaw::Authority);
    let old = Made::openssls(&["localhost"], Days(-9, -3));
    let (flaw, _) = refusal(&old, anchors(&old.chain), "localhost").await;
    assert!(matches!(flaw, Flaw::Expired(_)), "{flaw:?}");
}

#[tokio::test]
async fn a_server_that_is_named_itself_is_believed_whoever_signed_it() {
    let unknown = Authority::new();
    let made = unknown.vouch(&["localhost"], GOOD);
    let (client, _) = meet(&identity(&made), anchors(&made.chain), Some("localhost")).await;
    client.unwrap();
    let (flaw, _) = refusal(&made, anchors(&made.chain), "other").await;
    assert!(matches!(flaw, Flaw::OtherName { .. }), "{flaw:?}");
    let old = unknown.vouch(&["localhost"], Days(-9, -3));
    let (flaw, _) = refusal(&old, anchors(&old.chain), "localhost").await;
    assert!(matches!(flaw, Flaw::Expired(_)), "{flaw:?}");
}

/// Who has the key of one server that is trusted is not every server.
#[tokio::test]
async fn a_servers_certificate_vouches_for_nobody_else() {
    let server = Authority::of(&["localhost"], rcgen::IsCa::ExplicitNoCa);
    let made = server.vouch(&["elsewhere.example"], GOOD);
    let (flaw, _) = refusal(&made, anchors(&server.pem), "elsewhere.example").await;
    assert_eq!(flaw, Flaw::UnknownIssuer);
}

#[tokio::test]
async fn a_pin_stands_for_chain_name_and_dates_and_for_nothing_else() {
    let made = Made::openssls(&["other"], Days(-9, -3));
    let pin = Trust::Pin(Fingerprint::of(&made.der));
    for name in [None, Some("localhost")] {
        let (client, _) = meet(&identity(&made), pin.clone(), name).await;
        client.unwrap();
    }
    let stranger = Made::alone(&["localhost"], GOOD);
    let (flaw, told) = refusal(&stranger, pin.clone(), "localhost").await;
    assert_eq!(flaw, Flaw::NotPinned);
    assert!(told.starts_with("access_denied"), "{told}");
}

#[tokio::test]
async fn anybody_is_anybody_and_a_name_is_needed_to_verify_one() {
    let made = Made::alone(&[], Days(-9, -3));
    let (client, _) = meet(&identity(&made), Trust::Anybody, None).await;
    client.unwrap();
    let (client, _) = meet(&identity(&made), anchors(&made.chain), None).await;
    assert!(matches!(client, Err(Refusal::Nameless)), "{client:?}");
}

#[tokio::test]
async fn one_made_on_the_spot_differs_each_time() {
    let (one, _) = friends().await;
    let (other, _) = friends().await;
    assert_ne!(one.session().peer, other.session().peer);
}

#[test]
fn what_cannot_be_an_identity_is_told() {
    let (made, other) = (Made::alone(&["a"], GOOD), Made::alone(&["b"], GOOD));
    let defect =
        |chain: &str, key: &str| Identity::from_pem(chain.as_bytes(), key.as_bytes()).unwrap_err();
    assert_eq!(defect(&made.chain, &other.key), Defect::OtherKey);
    assert_eq!(defect("", &made.key), Defect::NoCertificate);
    assert_eq!(defect(&made.key, &made.key), Defect::NoCertificate);
    assert_eq!(defect(&made.chain, ""), Defect::NoKey);
    assert_eq!(defect(&made.chain, &made.chain), Defect::NoKey);
    let encrypted = pem("ENCRYPTED PRIVATE KEY", b"whatever");
    assert_eq!(defect(&made.chain, &encrypted), Defect::EncryptedKey);
    let garbage = defect(&made.chain, &pem("PRIVATE KEY", b"whatever"));
    assert!(matches!(garbage, Defect::BadKey(_)), "{garbage:?}");
    let garbage = defect(&pem("CERTIFICATE", b"whatever"), &made.key);
    assert!(matches!(garbage, Defect::BadCertificate(_)), "{garbage:?}");
    let cut = made.chain.replace("-----END CERTIFICATE-----", "");
    let cut = defect(&cut, &made.key);
    assert!(matches!(cut, Defect::BadCertificate(_)), "{cut:?}");
    for name in [
        "schön",
        "",
        "two words",
        "*",
        "a.*",
        "a..b",
        "a\0b",
        "[::1]",
    ] {
        let bad = Identity::made(&["localhost", name]).unwrap_err();
        assert_eq!(bad, Defect::BadName(name.to_owned()));
    }
    Identity::made(&["localhost", "a_b", "*.example.org", "127.0.0.1", "::1"]).unwrap();
    assert_eq!(Anchors::from_pem(b"").unwrap_err(), Defect::NoCertificate);
}
