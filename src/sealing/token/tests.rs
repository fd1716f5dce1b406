//! Tokens survive their text, slips are found, kinds are not exchanged.
#![allow(clippy::unwrap_used, reason = "tests may")]

use super::*;
use crate::sealing::{OsRandom, random::SeededRandom};
use proptest::prelude::*;

#[test]
fn a_token_has_the_form_that_scanners_look_for() {
    let token = ApiToken::personal(&mut OsRandom);
    let text = token.text();
    assert_eq!(text.expose().len(), LENGTH);
    assert!(text.expose().starts_with(&format!("wab_pat_{}_", token.id())));
}

#[test]
fn the_checksum_is_crc_32() {
    // The published check value of CRC-32 over these nine digits.
    let value = checksum("123456789").bytes().fold(0_u64, |sum, byte| {
        sum * 62 + u64::try_from(BASE62.iter().position(|digit| *digit == byte).unwrap()).unwrap()
    });
    assert_eq!(value, 0xCBF4_3926);
}

#[test]
fn kinds_are_not_exchanged() {
    let session = SessionToken::generate(&mut OsRandom).text();
    assert_eq!(ApiToken::parse(session.expose()).err(), Some(TokenError::Kind));
    let service = ApiToken::service(&mut OsRandom).text();
    assert_eq!(SessionToken::parse(service.expose()).err(), Some(TokenError::Kind));
    assert_eq!(ApiToken::parse(service.expose()).unwrap().kind(), TokenKind::Service);
}

#[test]
fn a_slip_is_found_before_the_database_is_asked() {
    let text = ApiToken::personal(&mut SeededRandom::new(5)).text();
    let text = text.expose();
    assert_eq!(ApiToken::parse(&text.replace("pat", "svc")).err(), Some(TokenError::Checksum));
    for wrong in [String::new(), text.to_lowercase() + "x", text.replace("wab_", "wax_"), "é".repeat(33) + "x"] {
        assert_eq!(ApiToken::parse(&wrong).err(), Some(TokenError::Shape), "{wrong}");
    }
}

#[test]
fn a_link_token_survives_its_text() {
    let token = LinkToken::generate(&mut OsRandom);
    assert_eq!(token.text().expose().len(), 22);
    assert_eq!(LinkToken::parse(token.text().expose()).unwrap().digest(), token.digest());
    for wrong in ["", "short", "AAAAAAAAAAAAAAAAAAAAAB", "AAAAAAAAAAAAAAAAAAAAA="] {
        assert_eq!(LinkToken::parse(wrong).err(), Some(TokenError::Shape), "{wrong}");
    }
}

#[test]
fn tokens_do_not_print() {
    let random = &mut OsRandom;
    let shown = format!(
        "{:?} {:?} {:?}",
        ApiToken::personal(random),
        SessionToken::generate(random),
        LinkToken::generate(random)
    );
    assert_eq!(shown, "ApiToken(***) SessionToken(***) LinkToken(***)");
}

proptest! {
    #[test]
    fn a_token_survives_its_text(seed: u64) {
        let token = SessionToken::generate(&mut SeededRandom::new(seed));
        let read = SessionToken::parse(token.text().expose()).unwrap();
        prop_assert_eq!(read.digest(), token.digest());
        prop_assert_eq!(read.id(), token.id());
        prop_assert_eq!(read.expose(), token.expose());
    }

    #[test]
    fn no_text_panics(text in ".{0,80}") {
        let _ = ApiToken::parse(&text);
        let _ = LinkToken::parse(&text);
    }
}
