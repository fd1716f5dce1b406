//! Invented appeals in each language for the tests of this folder. Places are real, persons are not.
#![allow(clippy::unwrap_used, reason = "tests may")]

use chrono::{DateTime, Utc};

use super::appeal::{AppealView, FactView, LastSeenView, LotState, LotView, PictureView, SearchLineView};
use super::form::{Entered, Mistake};
use super::frame::{EmergencyView, Frame, PhoneView};
use super::home::{CardView, HomeView};
use super::respond::{MapView, RespondView};
use super::subscribe::{CandidateView, SubscribeView};
use super::thread::{FileView, MessageView, Sender, ThreadState, ThreadView};
use crate::domain::attachment::FileKind;
use crate::domain::kind::AppealKind;
use crate::domain::language::Language;
use crate::words::{Family, Locale, Zone};

pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// One of four texts, in the order FR, NL, DE, EN.
pub fn pick(locale: Locale, texts: [&str; 4]) -> String {
    let [fr, nl, de, en] = texts;
    match locale {
        Locale::Fr => fr,
        Locale::Nl => nl,
        Locale::De => de,
        Locale::En => en,
    }
    .to_owned()
}

pub fn frame(locale: Locale) -> Frame {
    Frame {
        locale,
        zone: Zone::Brussels,
        operator: pick(locale, ["Police fédérale", "Federale Politie", "Föderale Polizei", "Federal Police"]),
        base_url: "https://appeals.example".to_owned(),
        emergency: EmergencyView { primary: PhoneView::new("112"), secondary: PhoneView::new("101") },
    }
}

pub fn picture(name: &str, width: u32, height: u32, alt: &str) -> PictureView {
    PictureView {
        src: format!("/media/{name}.png"),
        width,
        height,
        small_src: format!("/media/{name}.png"),
        small_width: 480,
        alt: alt.to_owned(),
        caption: None,
    }
}

/// A missing girl, with everything an appeal page can show.
pub fn missing(locale: Locale) -> AppealView {
    let frame = frame(locale);
    let w = frame.words();
    let fact = |code, value: String| FactView { label: w.label(Family::Fact, code), value };
    let clothing = pick(
        locale,
        [
            "manteau jaune, jean, baskets blanches",
            "gele jas, jeans, witte sneakers",
            "gelbe Jacke, Jeans, weisse Turnschuhe",
            "yellow coat, jeans, white trainers",
        ],
    );
    AppealView {
        kind: AppealKind::MissingMinor,
        title: "Lina Delvaux".to_owned(),
        subtitle: Some(w.years(9)),
        lead: pick(
            locale,
            [
                "Lina n’est pas rentrée de l’école à Ixelles. Elle est peut-être montée dans un tram.",
                "Lina is niet thuisgekomen van school in Elsene. Misschien is zij op een tram gestapt.",
                "Lina ist nicht von der Schule in Ixelles nach Hause gekommen. Vielleicht ist sie in eine Strassenbahn gestiegen.",
                "Lina did not come home from school in Ixelles. She may have taken a tram.",
            ],
        ),
        pictures: vec![
            picture(
                "lina",
                900,
                1200,
                &pick(locale, ["Portrait de Lina", "Portret van Lina", "Porträt von Lina", "Portrait of Lina"]),
            ),
            picture("coat", 900, 900, &pick(locale, ["Manteau jaune", "Gele jas", "Gelbe Jacke", "Yellow coat"])),
        ],
        last_seen: Some(LastSeenView {
            when: Some(w.moment(at("2026-11-20T15:40:00Z"), Zone::Brussels)),
            place: Some(pick(
                locale,
                ["Place Flagey, Ixelles", "Flageyplein, Elsene", "Place Flagey, Ixelles", "Place Flagey, Ixelles"],
            )),
        }),
        look_for: vec![
            clothing.clone(),
            pick(locale, ["sac à dos vert", "groene rugzak", "grüner Rucksack", "green backpack"]),
            pick(locale, ["lunettes rondes", "ronde bril", "runde Brille", "round glasses"]),
        ],
        facts: vec![
            fact("age", w.years(9)),
            fact("height", w.metres(134)),
            fact("build", w.label(Family::Build, "slim")),
            fact("hair", w.label(Family::Hair, "brown")),
            fact("eyes", w.label(Family::Eyes, "green")),
            fact("clothing", clothing),
        ],
        body: vec![pick(
            locale,
            [
                "Lina a quitté l’école à pied vers 15 h 40. Depuis, personne ne l’a vue. L’enquête est en cours.",
                "Lina verliet de school te voet rond 15.40 uur. Sindsdien heeft niemand haar gezien. Het onderzoek loopt.",
                "Lina verliess die Schule gegen 15:40 Uhr zu Fuss. Seitdem hat sie niemand gesehen. Die Ermittlung läuft.",
                "Lina left school on foot around 15:40. Nobody has seen her since. The inquiry is under way.",
            ],
        )],
        dangerous: false,
        search_line: Some(SearchLineView {
            phone: PhoneView::new("0800 30 300"),
            note: Some(pick(locale, ["gratuit", "gratis", "kostenlos", "free"])),
        }),
        email: Some("opsporingen@police.belgium.eu".to_owned()),
        respond_href: Some(format!("/{locale}/a/lina/respond")),
        issued_by: pick(
            locale,
            [
                "Police fédérale, Bruxelles",
                "Federale Politie, Brussel",
                "Föderale Polizei, Brüssel",
                "Federal Police, Brussels",
            ],
        ),
        authority: pick(
            locale,
            ["Parquet de Bruxelles", "Parket van Brussel", "Staatsanwaltschaft Brüssel", "Brussels prosecutor"],
        ),
        reference: Some("BRU-2026-1187".to_owned()),
        published: at("2026-11-21T04:13:00Z"),
        updated: Some(at("2026-11-21T06:30:00Z")),
        expires: at("2026-11-28T04:13:00Z"),
        areas: vec![pick(locale, ["Ixelles", "Elsene", "Ixelles", "Ixelles"]), pick(locale, ["Etterbeek"; 4])],
        lots: Vec::new(),
        page_url: format!("https://appeals.example/{locale}/a/lina-delvaux-7k2m"),
        short_url: None,
        share_image: Some(PictureView {
            src: "https://appeals.example/media/lina.png".to_owned(),
            ..picture("lina", 900, 1200, "Lina")
        }),
        feed_href: format!("/feeds/{locale}.atom"),
        frame,
    }
}

/// Recovered objects whose owners are sought.
pub fn catalogue(locale: Locale) -> AppealView {
    let base = missing(locale);
    let w = base.frame.words();
    let titles = [
        ["Pendule dorée", "Vergulde pendule", "Vergoldete Pendeluhr", "Gilt clock"],
        ["Paysage à la rivière", "Landschap met rivier", "Flusslandschaft", "River landscape"],
        ["Vase en étain", "Tinnen vaas", "Zinnvase", "Pewter vase"],
        ["Icône", "Icoon", "Ikone", "Icon"],
    ];
    let lots = titles.iter().zip(1..).map(|(title, number): (_, i32)| {
        let title = pick(locale, *title);
        LotView {
            number: number.to_string(),
            description: pick(
                locale,
                [
                    "Retrouvé lors d’une perquisition à Namur.",
                    "Teruggevonden bij een huiszoeking in Namen.",
                    "Bei einer Hausdurchsuchung in Namur gefunden.",
                    "Recovered during a search in Namur.",
                ],
            ),
            facts: vec![FactView { label: w.label(Family::Fact, "dimensions"), value: "42 × 30 cm".to_owned() }],
            picture: Some(picture(&format!("lot{number}"), 800, 600, &title)),
            state: (number == 3).then_some(LotState::Returned).or((number == 4).then_some(LotState::Claimed)),
            respond_href: (number != 3).then(|| format!("/{locale}/a/namur/respond?lot={number}")),
            title,
        }
    });
    AppealView {
        kind: AppealKind::ObjectsFound,
        title: pick(
            locale,
            [
                "Objets retrouvés à Namur",
                "Voorwerpen teruggevonden in Namen",
                "Gegenstände aus Namur",
                "Objects recovered in Namur",
            ],
        ),
        subtitle: None,
        lead: pick(
            locale,
            [
                "Reconnaissez-vous un objet volé chez vous ?",
                "Herkent u een voorwerp dat bij u werd gestolen?",
                "Erkennen Sie einen Gegenstand, der bei Ihnen gestohlen wurde?",
                "Do you recognise something stolen from you?",
            ],
        ),
        pictures: Vec::new(),
        last_seen: None,
        look_for: Vec::new(),
        facts: Vec::new(),
        body: Vec::new(),
        lots: lots.collect(),
        share_image: None,
        ..base
    }
}

/// Somebody dangerous on the run.
pub fn wanted(locale: Locale) -> AppealView {
    AppealView {
        kind: AppealKind::WantedConvict,
        title: "Marc Sauvenière".to_owned(),
        subtitle: Some(frame(locale).words().years(47)),
        pictures: vec![picture("marc", 900, 1200, "Marc Sauvenière")],
        dangerous: true,
        lead: pick(
            locale,
            [
                "Il a quitté la prison de Namur.",
                "Hij verliet de gevangenis van Namen.",
                "Er verliess die Haftanstalt Namur.",
                "He left Namur prison.",
            ],
        ),
        body: Vec::new(),
        ..missing(locale)
    }
}

pub fn home(locale: Locale) -> HomeView {
    let card = |view: AppealView| CardView {
        href: format!("/{locale}/a/x"),
        kind: view.kind,
        picture: view.pictures.first().cloned().or_else(|| view.lots.first().and_then(|lot| lot.picture.clone())),
        title: view.title,
        lead: view.lead,
        published: view.published,
        area: view.areas.first().cloned(),
    };
    HomeView {
        frame: frame(locale),
        cards: [missing(locale), wanted(locale), catalogue(locale)].map(card).into(),
        feed_href: format!("/feeds/{locale}.atom"),
    }
}

/// The form of the catalogue, half filled in, with two mistakes.
pub fn respond(locale: Locale) -> RespondView {
    RespondView {
        work_bits: 0,
        frame: frame(locale),
        appeal_kind: AppealKind::ObjectsFound,
        appeal_title: catalogue(locale).title,
        appeal_href: format!("/{locale}/a/x"),
        appeal_language: Language::parse(locale.code()).unwrap_or(Language::Fr),
        others: [Locale::De, Locale::En].map(|other| (other, format!("/{other}/a/x/respond"))).into(),
        files_again: true,
        place_precision: Entered::of("street"),
        place_for: "Namur <1>".to_owned(),
        candidates: vec![("NIS:92094".to_owned(), "Namur".to_owned())],
        found: None,
        map: Some(MapView {
            src: "data:image/svg+xml;base64,PHN2Zy8+".to_owned(),
            view: "50.46000,4.86000@3".to_owned(),
            around: Some("Namur".to_owned()),
            kilometres: "30".to_owned(),
            spot: Some("50.46000,4.86000".to_owned()),
            marked: Some("Namur".to_owned()),
        }),
        when_date: Entered::of("2026-02-30").but(Mistake::NoDate),
        when_time: Entered::default(),
        when_part: Entered::default(),
        when_certainty: Entered::default(),
        lot: Some("2".to_owned()),
        dangerous: true,
        action: format!("/{locale}/a/x/respond"),
        token: "one-time".to_owned(),
        stale: false,
        kind: Entered::of("claim"),
        what: Entered::of("").but(Mistake::Empty),
        place: Entered::of("Namur <1>"),
        when: Entered::default(),
        files: Entered::default(),
        contact_name: Entered::default(),
        contact_phone: Entered::default(),
        contact_email: Entered::of("x@").but(Mistake::NotAnEmail),
    }
}

pub fn thread(locale: Locale) -> ThreadView {
    let message = |from, text: [&str; 4]| MessageView {
        from,
        at: at("2026-11-21T08:02:00Z"),
        paragraphs: vec![pick(locale, text)],
        files: vec![FileView {
            number: 1,
            kind: FileKind::Jpeg,
            opens: (from == Sender::Investigators).then(|| "atc_1".to_owned()),
        }],
    };
    ThreadView {
        ended: false,
        frame: frame(locale),
        code: "7K2MX9QDHTBW3FNRV5CJ8PYA".to_owned(),
        state: ThreadState::Answered,
        messages: vec![
            message(
                Sender::Public,
                [
                    "J’ai vu une fille en manteau jaune dans le tram 81.",
                    "Ik heb een meisje met een gele jas gezien op tram 81.",
                    "Ich habe ein Mädchen mit gelber Jacke in der Strassenbahn 81 gesehen.",
                    "I saw a girl in a yellow coat on tram 81.",
                ],
            ),
            message(
                Sender::Investigators,
                [
                    "Merci. À quel arrêt ?",
                    "Dank u. Aan welke halte?",
                    "Danke. An welcher Haltestelle?",
                    "Thank you. At which stop?",
                ],
            ),
        ],
        action: format!("/{locale}/r/message"),
        token: "one-time".to_owned(),
        message: Entered::default(),
        files: Entered::default(),
        first_files: vec![FileView { number: 1, kind: FileKind::Pdf, opens: None }],
        file_action: format!("/{locale}/r/file"),
        added: true,
    }
}

pub fn subscribe(locale: Locale) -> SubscribeView {
    let candidate = |value: &str, label: &str| CandidateView { value: value.to_owned(), label: label.to_owned() };
    SubscribeView {
        frame: frame(locale),
        action: format!("/{locale}/subscribe"),
        token: "one-time".to_owned(),
        stale: false,
        email: Entered::of("someone@example.org"),
        language: Entered::default(),
        place: Entered::of("Halle"),
        place_id: Entered::of("").but(Mistake::NotAChoice),
        candidates: vec![candidate("NIS:23027", "Halle (1500)"), candidate("NIS:71020", "Halen (3545)")],
    }
}
