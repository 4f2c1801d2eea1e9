//! Peers that speak no TLS, or speak it wrongly, slowly, or without end.

use std::io::{self, ErrorKind};
use std::sync::Arc;

use landline_socket::AsyncSocket;
use landline_tools::base::tls::{
    Connector, Fingerprint, Flaw, Identity, Opening, Refusal, Stream, Trust,
};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{
    ClientConfig, DigitallySignedStruct, ServerConfig, SignatureScheme, SupportedProtocolVersion,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::{TlsAcceptor, TlsConnector, client::TlsStream};

use super::authority::{GOOD, Made};
use super::{BRIEF, acceptor, pair};
use crate::peer::soon;

fn made() -> Identity {
    Identity::made(&["localhost"]).unwrap()
}

/// What the server makes of bytes that are no handshake.
async fn server_hears(bytes: &[u8]) -> Refusal {
    let (near, far) = pair();
    near.send_all(bytes).await.unwrap();
    soon(acceptor(&made()).accept(far)).await.unwrap_err()
}

/// What the client makes of them; what it says itself is taken and not read.
async fn client_hears(bytes: &[u8]) -> Refusal {
    let (near, far) = pair();
    far.send_all(bytes).await.unwrap();
    let connector = Connector::new(Trust::Anybody, crate::peer::PATIENCE);
    soon(connector.connect(None, near)).await.unwrap_err()
}

fn plain(refusal: Refusal) -> Opening {
    match refusal {
        Refusal::Plain(opening) => opening,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn plain_text_is_told_from_tls_by_its_first_byte() {
    for (said, is_http, shown) in [
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", true, "GET / HTTP/1.1"),
        ("hello\n", false, "hello"),
        ("h", false, "h"),
        ("\x1b[2Jboo", false, "\u{fffd}[2Jboo"),
        ("\n", false, ""),
    ] {
        let opening = plain(server_hears(said.as_bytes()).await);
        assert_eq!((opening.is_http(), &*opening.to_string()), (is_http, shown));
    }
    let opening =
        plain(client_hears(b"220 mail.example ESMTP ready, and much more to be said\r\n").await);
    assert_eq!(
        opening.to_string(),
        "220 mail.example ESMTP ready, and much m"
    );
    let opening = plain(client_hears(b"HTTP/1.1 400 Bad Request\r\n\r\n").await);
    assert!(opening.is_http());
}

#[tokio::test]
async fn an_echo_and_an_early_end_are_named() {
    let (near, far) = pair();
    let echo = async {
        let mut buffer = vec![0; 4096];
        let count = far.recv(&mut buffer).await.unwrap();
        far.send_all(&buffer[..count]).await.unwrap();
        far
    };
    let connector = Connector::new(Trust::Anybody, crate::peer::PATIENCE);
    let (refused, _far) = soon(async { tokio::join!(connector.connect(None, near), echo) }).await;
    assert!(matches!(refused, Err(Refusal::Echo)), "{refused:?}");

    for bytes in [&b""[..], b"\x16", b"\x16\x03\x01\x02\x00\x01"] {
        let (near, far) = pair();
        near.send_all(bytes).await.unwrap();
        drop(near);
        let refused = soon(acceptor(&made()).accept(far)).await;
        assert!(matches!(refused, Err(Refusal::Ended)), "{refused:?}");
    }
}

#[tokio::test]
async fn garbage_in_the_form_of_tls_is_refused() {
    // A record of the handshake: of no known message; longer than any may be; empty; of an absurd length.
    for garbage in [
        &b"\x16\x03\x01\x00\x05\xff\x00\x00\x01\x00"[..],
        b"\x16\x03\x01\xff\xff\x01",
        b"\x16\x03\x01\x00\x00",
        b"\x16\x03\x01\x00\x04\x01\xff\xff\xff",
        // An alert before anything: handshake_failure, and one of no known kind.
        b"\x15\x03\x03\x00\x02\x02\x28",
        b"\x15\x03\x03\x00\x01\x02",
    ] {
        for refusal in [server_hears(garbage).await, client_hears(garbage).await] {
            let is_told = matches!(refusal, Refusal::Broken(_) | Refusal::Alert(_));
            assert!(is_told, "{garbage:?}: {refusal:?}");
        }
    }
}

#[tokio::test]
async fn a_handshake_that_never_ends_is_late_and_holds_nobody_up() {
    let identity = made();
    let (_silent, far) = pair();
    let hasty = landline_tools::base::tls::Acceptor::new(&identity, BRIEF).unwrap();
    let stuck = hasty.accept(far);
    let meanwhile = async {
        let (near, far) = pair();
        let connector = Connector::new(Trust::Pin(identity.fingerprint()), crate::peer::PATIENCE);
        let patient = acceptor(&identity);
        let (client, server) = tokio::join!(connector.connect(None, near), patient.accept(far));
        client.unwrap();
        server.unwrap();
    };
    let (stuck, ()) = soon(async { tokio::join!(stuck, meanwhile) }).await;
    assert!(matches!(stuck, Err(Refusal::Late(BRIEF))), "{stuck:?}");

    let (near, _silent) = pair();
    let late = soon(Connector::new(Trust::Anybody, BRIEF).connect(None, near)).await;
    assert!(matches!(late, Err(Refusal::Late(BRIEF))), "{late:?}");
}

#[tokio::test]
async fn a_handshake_byte_by_byte_is_a_handshake() {
    let identity = made();
    let (near, relay_near) = pair();
    let (relay_far, far) = pair();
    let crawl = async |from: &AsyncSocket, to: &AsyncSocket| {
        let mut byte = [0];
        while let Ok(1) = from.recv(&mut byte).await {
            if to.send_all(&byte).await.is_err() {
                break;
            }
        }
    };
    let connector = Connector::new(Trust::Pin(identity.fingerprint()), crate::peer::PATIENCE);
    let acceptor = acceptor(&identity);
    let meet = async {
        let (client, server) = tokio::join!(connector.connect(None, near), acceptor.accept(far));
        let (mut client, mut server) = (client.unwrap(), server.unwrap());
        client.write_all(b"slow").await.unwrap();
        client.shutdown().await.unwrap();
        let mut heard = String::new();
        server.read_to_string(&mut heard).await.unwrap();
        heard
    };
    let heard = soon(async {
        tokio::select! {
            heard = meet => heard,
            _ = async { tokio::join!(crawl(&relay_near, &relay_far), crawl(&relay_far, &relay_near)) } => {
                panic!("the relay ended first")
            }
        }
    });
    assert_eq!(heard.await, "slow");
}

#[tokio::test]
async fn a_chain_of_megabytes_is_refused_before_it_is_held() {
    let made = Made::alone(&["localhost"], GOOD);
    let chain = made.chain.repeat(8_000);
    assert!(chain.len() > 3 << 20);
    let identity = Identity::from_pem(chain.as_bytes(), made.key.as_bytes()).unwrap();
    let (client, server) = super::meet(&identity, Trust::Anybody, None).await;
    assert!(matches!(client, Err(Refusal::Broken(_))), "{client:?}");
    assert!(server.is_err());
}

#[tokio::test]
async fn what_was_changed_on_the_way_is_not_believed() {
    let identity = made();
    let (near, relay_near) = pair();
    let (relay_far, far) = pair();
    let connector = Connector::new(Trust::Pin(identity.fingerprint()), crate::peer::PATIENCE);
    let acceptor = acceptor(&identity);
    let relay = async |is_evil: &std::cell::Cell<bool>| {
        let (mut there, mut back) = (vec![0; 4096], vec![0; 4096]);
        loop {
            tokio::select! {
                count = relay_near.recv(&mut there) => {
                    let count = count.unwrap();
                    if is_evil.get() {
                        there[count - 1] ^= 1;
                    }
                    relay_far.send_all(&there[..count]).await.unwrap();
                }
                count = relay_far.recv(&mut back) => {
                    let count = count.unwrap();
                    relay_near.send_all(&back[..count]).await.unwrap();
                }
            }
        }
    };
    let is_evil = std::cell::Cell::new(false);
    let talk = async {
        let (client, server) = tokio::join!(connector.connect(None, near), acceptor.accept(far));
        let (mut client, mut server) = (client.unwrap(), server.unwrap());
        is_evil.set(true);
        client.write_all(b"pay 1 coin").await.unwrap();
        client.flush().await.unwrap();
        server.read(&mut [0; 64]).await.unwrap_err()
    };
    let error = soon(async {
        tokio::select! {
            error = talk => error,
            () = relay(&is_evil) => unreachable!("it has no end"),
        }
    });
    let error = error.await;
    assert_eq!(error.kind(), ErrorKind::InvalidData);
    assert!(
        error
            .to_string()
            .contains("not what the peer had encrypted"),
        "{error}"
    );
}

#[tokio::test]
async fn who_shows_a_certificate_of_somebody_else_is_found_out() {
    let (victim, thief) = (
        Made::alone(&["localhost"], GOOD),
        Made::alone(&["localhost"], GOOD),
    );
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let key = PrivateKeyDer::from_pem_slice(thief.key.as_bytes()).unwrap();
    let key = provider.key_provider.load_private_key(key).unwrap();
    let stolen = CertifiedKey::new(vec![victim.der.clone().into()], key);
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[version])
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(SingleCertAndKey::from(stolen.clone())));
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let (near, far) = pair();
        let pin = Fingerprint::of(&victim.der);
        let connector = Connector::new(Trust::Pin(pin), crate::peer::PATIENCE);
        let both = async { tokio::join!(connector.connect(None, near), acceptor.accept(far)) };
        let (client, server) = soon(both).await;
        let Err(Refusal::Certificate {
            shown,
            flaw: Flaw::NoKey,
        }) = client
        else {
            panic!("{client:?}");
        };
        assert_eq!(shown, pin);
        assert!(server.is_err());
    }
}

/// A client of the test's own, with rustls's own hands on it, and our server.
async fn strange_client(
    version: &'static SupportedProtocolVersion,
) -> (TlsStream<AsyncSocket>, Stream) {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Gullible))
        .with_no_client_auth();
    let (near, far) = pair();
    let name = ServerName::try_from("localhost").unwrap();
    let connector = TlsConnector::from(Arc::new(config));
    let identity = made();
    let acceptor = acceptor(&identity);
    let both = async { tokio::join!(connector.connect(name, near), acceptor.accept(far)) };
    let (client, server) = soon(both).await;
    (client.unwrap(), server.unwrap())
}

#[tokio::test]
async fn tls_1_2_is_spoken_too() {
    let (mut client, mut server) = strange_client(&rustls::version::TLS12).await;
    assert_eq!(server.session().version, "TLS 1.2");
    assert!(server.session().cipher_suite.starts_with("TLS_ECDHE_"));
    client.write_all(b"hello").await.unwrap();
    client.shutdown().await.unwrap();
    let mut heard = String::new();
    soon(server.read_to_string(&mut heard)).await.unwrap();
    assert_eq!(heard, "hello");
}

#[tokio::test]
async fn new_keys_are_taken_and_a_storm_of_them_is_not() {
    let (mut client, mut server) = strange_client(&rustls::version::TLS13).await;
    for _ in 0..20 {
        client.get_mut().1.refresh_traffic_keys().unwrap();
        client.write_all(b"x").await.unwrap();
        client.flush().await.unwrap();
        assert_eq!(soon(server.read_u8()).await.unwrap(), b'x');
        server.write_all(b"y").await.unwrap();
        server.flush().await.unwrap();
        assert_eq!(soon(client.read_u8()).await.unwrap(), b'y');
    }
    let storm = async {
        loop {
            if client.get_mut().1.refresh_traffic_keys().is_err() || client.flush().await.is_err() {
                break;
            }
            tokio::task::yield_now().await;
        }
    };
    let error = soon(async {
        tokio::select! {
            read = server.read_u8() => read.unwrap_err(),
            () = storm => panic!("the server took them all"),
        }
    });
    let error: io::Error = error.await;
    assert!(error.to_string().contains("broke the rules"), "{error}");
}

/// Believes anybody.
#[derive(Debug)]
struct Gullible;

impl ServerCertVerifier for Gullible {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ECDSA_NISTP256_SHA256]
    }
}
