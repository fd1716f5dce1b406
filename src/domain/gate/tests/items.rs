//! What the gate says of one item: what it shows, where, and under which countries' decisions.

use super::*;

fn item() -> PlanItem {
    let draft = Draft::from_document(&samples::draft(AppealKind::Vehicle)).unwrap();
    PlanItem {
        channel: ChannelKind::Page,
        language: Language::Fr,
        text: draft.notices[&Language::Fr].digest(),
        media: vec![samples::digest(1)],
        lots: BTreeSet::from([1, 2]),
        plate: true,
        content: json!({"title": "Titre"}),
    }
}

fn of_item(bend: impl Fn(&mut PlanItem, &mut Media, &mut AuthorisationRecord)) -> Vec<Refusal> {
    let mut record = samples::record(AppealKind::Vehicle, Country::Be);
    let (mut item, mut picture) = (item(), samples::picture(AppealKind::Vehicle));
    bend(&mut item, &mut picture, &mut record);
    let subject = subject(AppealKind::Vehicle, &json!({}));
    item_refusals(&item, &[picture], &whole(&subject, Country::Be, &[], Some(&record)))
}

#[test]
fn an_item_shows_only_what_the_scope_names() {
    let first = samples::digest(1).to_string();
    let other: MediaDigest = samples::digest(2);
    assert_eq!(of_item(|_, _, _| ()), []);
    assert_eq!(of_item(|item, _, _| item.channel = ChannelKind::Feed), [Refusal::Channel("feed")]);
    assert_eq!(
        of_item(|item, picture, _| {
            item.language = Language::Nl;
            picture.alt.insert(Language::Nl, "Portret".to_owned());
        }),
        [Refusal::Language(Language::Nl)]
    );
    assert_eq!(of_item(|item, _, _| item.text.0.replace_range(0..1, "g")), [Refusal::Text(Language::Fr)]);
    assert_eq!(of_item(|_, _, record| record.authorisation.scope.vehicle_plate = false), [Refusal::Plate]);
    assert_eq!(of_item(|item, _, _| item.lots = BTreeSet::from([1, 3])), [Refusal::Lot(3)]);
    assert_eq!(of_item(|item, _, _| item.media.push(other.clone())), [Refusal::Picture(other.to_string())]);
    assert_eq!(of_item(|_, picture, _| picture.digest = other.clone()), [Refusal::Picture(first.clone())]);
    assert_eq!(
        of_item(|_, _, record| record.authorisation.scope.media[0].portrait = false),
        [Refusal::Portrait(first.clone())]
    );
    assert_eq!(of_item(|_, picture, _| picture.minor = true), [Refusal::MinorShown(first.clone())]);
    assert_eq!(of_item(|_, picture, _| picture.blur_required = true), [Refusal::NotBlurred(first.clone())]);
    assert_eq!(
        of_item(|_, _, record| record.authorisation.scope.media[0].blur_required = true),
        [Refusal::NotBlurred(first)]
    );
    assert_eq!(of_item(|_, picture, _| picture.alt.clear()), [Refusal::AlternativeText(Language::Fr)]);
}

#[test]
fn an_item_is_covered_by_every_country_that_sees_its_language() {
    let subject = subject(AppealKind::Vehicle, &json!({}));
    let (home, mut abroad) =
        (samples::record(AppealKind::Vehicle, Country::Be), samples::record(AppealKind::Vehicle, Country::Fr));
    abroad.authorisation.scope.channels.clear();
    let ask = |language: Language| {
        let mut authority = whole(&subject, Country::Be, &[], Some(&home));
        let languages = Some(BTreeSet::from([language]));
        authority.grounds.push(Ground {
            country: Country::Fr,
            record: Some(&abroad),
            area_covered: Some(true),
            languages,
        });
        item_refusals(&item(), &[samples::picture(AppealKind::Vehicle)], &authority)
    };
    let refused = Refusal::Abroad { country: Country::Fr, refusal: Box::new(Refusal::Channel("page")) };
    assert_eq!(ask(Language::Fr), [refused]);
    assert_eq!(ask(Language::Nl), []);
}
