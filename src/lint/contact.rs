//! Telephone numbers, mail addresses, links and handles in a text, however they are disguised, and whether the unit's
//! lists know them.

use std::ops::Range;

use super::checked::Contacts;
use super::digits;
use super::folded::{Folded, fold};
use super::passage::Ready;
use super::phrases::Phrases;
use super::scan::{all, lazy_pattern};

/// Endings a bare host is recognised by. Without a list, every "fin.Le" without a blank would be a link.
const ENDINGS: &str = "be|fr|com|net|org|eu|nl|de|lu|uk|info|io|me|ly|gl|gd|to|tv|app|site|online|xyz|ru|brussels|vlaanderen|gent|biz|police|example|test";

/// Endings after a dot in words: "rond-point de" is no host.
const SPOKEN: &str = "be|fr|com|net|org|eu|nl|lu|brussels";

lazy_pattern!(PHONE = r"(?:\+|\b00)?[(]?[0-9][0-9 ()./*-]{5,20}[0-9]");
lazy_pattern!(
    DATE = r"\b(?:[0-3]?[0-9][./-][01]?[0-9][./-](?:19|20)?[0-9]{2}|(?:19|20)[0-9]{2}-[01][0-9]-[0-3][0-9])\b"
);
lazy_pattern!(SHORT = r"^(?:le |au |op |het |nummer |den |die |: |nr\.? ?)*([0-9][0-9 .-]{1,8}[0-9])(?:[^0-9]|$)");
lazy_pattern!(
    MAIL = &format!(
        r"[a-z0-9._%+-]+(?:@| ?(?:\(at\)|\[at\]|\{{at\}}|\(a\)|\[a\]|\(arobase\)|\[arobase\]|\(@\)|\[@\]|arobase|apenstaartje|klammeraffe| at | @ |@ | @|<at>|_at_) ?)[a-z0-9-]+(?:(?:\.|{DOT})[a-z0-9-]+)*(?:\.(?:{ENDINGS})|{DOT}(?:{SPOKEN}))\b"
    )
);
const DOT: &str = r" ?(?:\(dot\)|\[dot\]|\(point\)|\[point\]|\(punt\)|\[punt\]|\(punkt\)|\[punkt\]|\(\.\)|\[\.\]| dot | point | punt | punkt ) ?";
lazy_pattern!(SCHEME = r"(?:https?|hxxps?|ftp)(?::|\[:\]) ?/{1,2} ?[^ \n<>\x22]+");
lazy_pattern!(
    BARE = &format!(
        r"\b(?:www(?:\.|{DOT}))?[a-z0-9\x01-]+(?:(?:\.|{DOT})[a-z0-9\x01-]+)*(?:\.(?:{ENDINGS})|{DOT}(?:{SPOKEN}))\b(?:/[^ \n<>\x22]*)?"
    )
);
lazy_pattern!(HANDLE = r"@[a-z0-9_][a-z0-9_.-]*[a-z0-9_]");
lazy_pattern!(
    NAMED_ACCOUNT = r"\b(?:instagram|insta|snap|snapchat|telegram|tiktok|facebook|fb|whatsapp|twitter|discord|signal|messenger|compte|account|konto|profil|profiel|pseudo)[ ]?[:=][ ]?@?[a-z0-9_][a-z0-9_.]{2,}"
);

/// A telephone number brought to one form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Phone {
    /// Country code, when it was written.
    country: Option<String>,
    /// As dialled inside the country.
    national: String,
}

impl Phone {
    /// Reads digits with or without a country code.
    pub fn read(text: &str) -> Self {
        // "(0)" after a country code is not dialled.
        let text = text.replace("(0)", "");
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let international =
            if text.trim_start().starts_with('+') { Some(digits.as_str()) } else { digits.strip_prefix("00") };
        let known = international.and_then(|rest| {
            let code = ["32", "33", "31", "49", "352"].into_iter().find(|code| rest.starts_with(code))?;
            Some((code, rest.strip_prefix(code)?))
        });
        match (known, international) {
            (Some((code, rest)), _) => {
                let rest = rest.trim_start_matches('0');
                let zero = if code == "352" { "" } else { "0" };
                Self { country: Some(code.to_owned()), national: format!("{zero}{rest}") }
            }
            (None, Some(rest)) => Self { country: Some(String::new()), national: rest.to_owned() },
            (None, None) => Self { country: None, national: digits },
        }
    }

    /// Whether both are the same line as far as they say.
    pub fn is(&self, other: &Self) -> bool {
        self.national == other.national
            && (self.country.is_none() || other.country.is_none() || self.country == other.country)
    }

    /// One text per line, for comparing language versions.
    pub fn national(&self) -> &str {
        &self.national
    }

    /// Whether the digits can be a number of Belgium, France or a neighbour.
    fn plausible(&self) -> bool {
        let length = self.national.len();
        match self.country.as_deref() {
            Some("32") => (9..=10).contains(&length),
            Some("33") => length == 10,
            // With "00" or "+" and a country we have no plan of: at least eight digits.
            Some(_) => (8..=14).contains(&length),
            // Belgium: 9 digits, 10 for mobiles; France: 10.
            None => self.national.starts_with('0') && !self.national.starts_with("00") && (9..=10).contains(&length),
        }
    }
}

fn overlaps(range: &Range<usize>, taken: &[Range<usize>]) -> bool {
    taken.iter().any(|other| other.start < range.end && range.start < other.end)
}

/// Telephone numbers in a text; `call` recognises the words before a short one.
pub(super) fn phones(folded: &Folded, call: Option<&Phrases>) -> Vec<(Range<usize>, Phone)> {
    let text = folded.lower.as_str();
    let mut taken: Vec<_> = all(&DATE, text).collect();
    taken.extend(digits::national_numbers(folded));
    taken.extend(digits::bank_accounts(folded));
    let mut found = Vec::new();
    for range in all(&PHONE, text) {
        let before = range.start.checked_sub(1).and_then(|at| text.as_bytes().get(at)).copied().unwrap_or(b' ');
        if before.is_ascii_alphanumeric() || matches!(before, b'.' | b'/' | b'-' | b'_') || overlaps(&range, &taken) {
            continue;
        }
        let phone = Phone::read(folded.part(&range));
        if phone.plausible() {
            taken.push(range.clone());
            found.push((range, phone));
        }
    }
    // Short numbers count only where the text says to call them.
    for lead in call.into_iter().flat_map(|call| call.leads(text)) {
        if call.is_some_and(|call| call.excuses(text.get(..lead.end).unwrap_or_default())) {
            continue;
        }
        let rest = text.get(lead.end..).unwrap_or_default();
        let Some(short) = SHORT.as_ref().and_then(|regex| regex.captures(rest.as_bytes())).and_then(|c| c.get(1))
        else {
            continue;
        };
        let range = lead.end + short.start()..lead.end + short.end();
        let phone = Phone::read(folded.part(&range));
        let year = phone.national.len() == 4 && (phone.national.starts_with("19") || phone.national.starts_with("20"));
        let glued =
            range.start > 0 && !matches!(text.as_bytes().get(range.start - 1), Some(b' ' | b'\n' | b'(' | b':'));
        let goes_on = text.get(range.end..).unwrap_or_default().trim_start_matches([' ', '.', '-', '/']);
        if glued || goes_on.starts_with(|c: char| c.is_ascii_digit()) {
            continue;
        }
        let grouped = folded.part(&range).contains([' ', '.', '-']);
        if !overlaps(&range, &taken) && !year && (phone.national.len() <= 4 || grouped || phone.national.len() >= 6) {
            taken.push(range.clone());
            found.push((range, phone));
        }
    }
    found
}

/// Numbers that are not on the list.
pub(super) fn foreign_phones(ready: &Ready<'_>, call: Option<&Phrases>, contacts: &Contacts) -> Vec<Range<usize>> {
    let official: Vec<_> = contacts.phones.iter().map(|text| Phone::read(text)).collect();
    phones(&ready.folded, call)
        .into_iter()
        .filter(|(_, phone)| !official.iter().any(|known| known.is(phone)))
        .map(|(range, _)| range)
        .collect()
}

/// Undoes what hides an address from machines.
fn plain_address(text: &str) -> String {
    let mut plain = text.to_owned();
    for (hidden, sign) in [
        ("(at)", "@"),
        ("[at]", "@"),
        ("{at}", "@"),
        ("(a)", "@"),
        ("[a]", "@"),
        ("(arobase)", "@"),
        ("[arobase]", "@"),
        ("(@)", "@"),
        ("[@]", "@"),
        ("<at>", "@"),
        ("_at_", "@"),
        (" arobase ", "@"),
        ("arobase", "@"),
        ("apenstaartje", "@"),
        ("klammeraffe", "@"),
        (" at ", "@"),
        ("(dot)", "."),
        ("[dot]", "."),
        ("(point)", "."),
        ("[point]", "."),
        ("(punt)", "."),
        ("[punt]", "."),
        ("(punkt)", "."),
        ("[punkt]", "."),
        ("(.)", "."),
        ("[.]", "."),
        (" dot ", "."),
        (" point ", "."),
        (" punt ", "."),
        (" punkt ", "."),
        ("hxxp", "http"),
        ("[:]", ":"),
    ] {
        plain = plain.replace(hidden, sign);
    }
    plain.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Mail addresses in a text, each with its plain form.
fn mails(folded: &Folded) -> Vec<(Range<usize>, String)> {
    all(&MAIL, &folded.lower).map(|range| (range.clone(), plain_address(folded.part(&range)))).collect()
}

/// Mail addresses that are not on the list.
pub(super) fn foreign_mails(ready: &Ready<'_>, contacts: &Contacts) -> Vec<Range<usize>> {
    let official: Vec<_> = contacts.mails.iter().map(|mail| fold(mail)).collect();
    mails(&ready.folded)
        .into_iter()
        .filter(|(range, mail)| disguised(ready, range) || !official.contains(mail))
        .map(|(range, _)| range)
        .collect()
}

/// Letters of another script: a look-alike of an official address is not official.
fn disguised(ready: &Ready<'_>, range: &Range<usize>) -> bool {
    let original = ready.folded.original(range);
    ready.text.chars().skip(original.start).take(original.len()).any(|c| !c.is_ascii())
}

/// Mail addresses, links, handles and account names: no prose.
pub(super) fn machine_readable(ready: &Ready<'_>) -> Vec<Range<usize>> {
    let text = ready.folded.lower.as_str();
    all(&MAIL, text)
        .chain(all(&SCHEME, text))
        .chain(all(&BARE, text).filter(|range| looks_like_a_host(ready.folded.cased_part(range))))
        .chain(all(&HANDLE, text))
        .chain(all(&NAMED_ACCOUNT, text))
        .collect()
}

fn host_and_path(link: &str) -> &str {
    let link = link.split("://").last().unwrap_or(link).trim_start_matches('/');
    let link = link.split_once('@').map_or(link, |(_, host)| host);
    link.strip_prefix("www.").unwrap_or(link).trim_end_matches(['/', '.', ',', ')', ';', ':', '!', '?'])
}

fn allowed(link: &str, contacts: &Contacts) -> bool {
    let link = host_and_path(link);
    contacts.links.iter().any(|known| {
        let known = fold(known);
        let known = host_and_path(&known);
        link.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
    })
}

/// Links and handles outside the allow-list.
pub(super) fn foreign_links(ready: &Ready<'_>, contacts: &Contacts) -> Vec<Range<usize>> {
    let folded = &ready.folded;
    let mut taken: Vec<_> = mails(folded).into_iter().map(|(range, _)| range).collect();
    let mut found = Vec::new();
    for (range, bare) in
        all(&SCHEME, &folded.lower).map(|r| (r, false)).chain(all(&BARE, &folded.lower).map(|r| (r, true)))
    {
        if bare && (overlaps(&range, &taken) || !looks_like_a_host(folded.cased_part(&range))) {
            continue;
        }
        taken.push(range.clone());
        if disguised(ready, &range) || !allowed(&plain_address(folded.part(&range)), contacts) {
            found.push(range);
        }
    }
    let handles: Vec<_> = contacts.handles.iter().map(|h| fold(h).trim_start_matches('@').to_owned()).collect();
    let accounts = all(&HANDLE, &folded.lower).chain(all(&NAMED_ACCOUNT, &folded.lower));
    for range in accounts {
        let before = range.start.checked_sub(1).and_then(|at| folded.lower.as_bytes().get(at)).copied().unwrap_or(b' ');
        let name = folded.part(&range).rsplit(['@', ':', '=', ' ']).next().unwrap_or_default();
        // After "profil :" a number or a plain word of prose is no account.
        let named = !folded.part(&range).contains('@');
        let prose = named && !name.contains(['_', '.']) && !name.bytes().any(|b| b.is_ascii_digit());
        if before.is_ascii_alphanumeric() || prose || overlaps(&range, &taken) {
            continue;
        }
        taken.push(range.clone());
        if disguised(ready, &range) || !handles.iter().any(|known| known == name) {
            found.push(range);
        }
    }
    found
}

/// A missing blank after a full stop ("parti.De nombreux") is no host: its ending begins with a capital.
fn looks_like_a_host(cased: &str) -> bool {
    let host = cased.split('/').next().unwrap_or_default();
    let ending = host.rsplit(['.', ' ', ')', ']']).next().unwrap_or_default();
    let all_capitals = !host.bytes().any(|b| b.is_ascii_lowercase());
    all_capitals || !ending.starts_with(|c: char| c.is_ascii_uppercase())
}

/// Whether a text names an official number or mail address (PU-01).
pub(super) fn names_a_contact(ready: &Ready<'_>, call: Option<&Phrases>, contacts: &Contacts) -> bool {
    let official: Vec<_> = contacts.phones.iter().map(|text| Phone::read(text)).collect();
    let mail: Vec<_> = contacts.mails.iter().map(|mail| fold(mail)).collect();
    phones(&ready.folded, call).iter().any(|(_, phone)| official.iter().any(|known| known.is(phone)))
        || mails(&ready.folded).iter().any(|(_, found)| mail.contains(found))
        || all(&SCHEME, &ready.folded.lower)
            .chain(all(&BARE, &ready.folded.lower))
            .any(|range| allowed(&plain_address(ready.folded.part(&range)), contacts))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::checked::Field;

    fn contacts() -> Contacts {
        Contacts {
            phones: vec!["0800 30 300".into(), "101".into(), "+32 2 555 00 00".into()],
            mails: vec!["avis@police.example".into()],
            links: vec!["police.be".into(), "fr.example/avis".into()],
            handles: vec!["@police_be".into()],
            addresses: vec![],
        }
    }

    fn links(text: &str) -> usize {
        foreign_links(&Ready::new(Field::Headline, text), &contacts()).len()
    }

    #[test]
    fn a_number_is_the_same_however_it_is_written() {
        for text in ["0800/30.300", "0800 30 300", "+32 800 30 300", "0032 (0)800 30 300"] {
            assert!(Phone::read(text).is(&Phone::read("0800 30 300")), "{text}");
        }
        assert!(!Phone::read("+33 2 555 00 00").is(&Phone::read("+32 2 555 00 00")));
    }

    #[test]
    fn addresses_in_disguise_are_found_and_official_ones_pass() {
        let foreign = |text: &str| foreign_mails(&Ready::new(Field::Headline, text), &contacts()).len();
        for text in ["exemple (at) domaine point be", "jan[at]voorbeeld.be", "a.b@mail.com", "AVIS@pоlice.example"] {
            assert_eq!(foreign(text), 1, "{text}");
        }
        assert_eq!(foreign("Écrivez à avis@police.example."), 0);
    }

    #[test]
    fn links_and_handles_are_held_against_the_list() {
        for text in [
            "https://evil.example/x",
            "voir exemple.com",
            "www point exemple point be",
            "@kevin_02",
            "Insta : kevin.d02",
            "https://police.be.evil.com",
            "https://pоlice.be/avis",
            "https://fr.example/autre",
            "http://police.be@evil.com",
        ] {
            assert_eq!(links(text), 1, "{text}");
        }
        for text in [
            "https://www.police.be/avis/12",
            "police.be",
            "fr.example/avis/3",
            "@police_be",
            "parti.De nombreux",
            "8.30 uur",
        ] {
            assert_eq!(links(text), 0, "{text}");
        }
    }
}
