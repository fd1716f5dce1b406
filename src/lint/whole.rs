//! Checks of a version or an appeal as a whole: contact, advice, length, languages, tags, pictures, end.

use super::check::ReadyVersion;
use super::checked::{ChannelCode, Field, Picture};
use super::contact::{names_a_contact, phones};
use super::finding::NotCheckedReason;
use super::folded::{fold, squeeze};
use super::gather::Gather;
use super::passage::Ready;
use super::picture::{sharpness, too_small};
use super::rule::RuleId;
use crate::domain::kind::AppealKind;
use crate::domain::language::Language;

/// Checks that need all passages of a version.
pub(super) fn version(gather: &mut Gather<'_>, version: &ReadyVersion<'_>) {
    contact(gather, version);
    danger(gather, version);
    length(gather, version);
    hashtags(gather, version);
}

/// Checks that need no text.
pub(super) fn appeal(gather: &mut Gather<'_>) {
    let checked = gather.checked;
    for language in &checked.languages_needed {
        if !checked.versions.iter().any(|version| version.language == *language) {
            gather.whole(RuleId::LA_01, Some(*language), &[("other", language.code().to_uppercase())]);
        }
    }
    if !(checked.has_end && checked.has_closing) {
        gather.whole(RuleId::CL_03, None, &[]);
    }
    for (at, picture) in checked.pictures.iter().enumerate() {
        self::picture(gather, at, picture);
    }
}

fn prose<'v, 'a>(version: &'v ReadyVersion<'a>) -> impl Iterator<Item = &'v Ready<'a>> {
    version.passages.iter().filter(|ready| ready.field.is_prose())
}

fn contact(gather: &mut Gather<'_>, version: &ReadyVersion<'_>) {
    let call = gather.book.rule(RuleId::PD_02).and_then(|rule| rule.phrases(version.language));
    let contacts = gather.checked.contacts;
    if !prose(version).any(|ready| names_a_contact(ready, call, contacts)) {
        gather.whole(RuleId::PU_01, Some(version.language), &[]);
    }
}

/// Whoever calls somebody dangerous, or relays an alert, says what to do: keep away, and call.
fn danger(gather: &mut Gather<'_>, version: &ReadyVersion<'_>) {
    let language = version.language;
    let Some(phrases) = gather.active(RuleId::PU_02).and_then(|rule| rule.phrases(language)) else { return };
    let call = gather.book.rule(RuleId::PD_02).and_then(|rule| rule.phrases(language));
    let keep_away = prose(version).any(|ready| phrases.found_in(&ready.folded.lower));
    let says_call = prose(version).any(|ready| !phones(&ready.folded, call).is_empty());
    if keep_away && says_call {
        return;
    }
    let word = prose(version).find_map(|ready| {
        let text = ready.folded.lower.as_bytes();
        let excused: Vec<_> =
            phrases.nobody.iter().flat_map(|regex| regex.find_iter(text).map(|m| m.range())).collect();
        let found = phrases
            .persons
            .iter()
            .flat_map(|regex| regex.find_iter(text).map(|m| m.range()))
            .find(|range| !excused.iter().any(|excuse| excuse.start <= range.start && range.end <= excuse.end));
        found.map(|range| (ready, range))
    });
    match word {
        Some((ready, range)) => gather.at(RuleId::PU_02, language, ready, &range, &[]),
        None if gather.checked.dangerous || gather.checked.kind == AppealKind::ChildAlert => {
            gather.whole(RuleId::PU_02, Some(language), &[]);
        }
        None => {}
    }
}

fn length(gather: &mut Gather<'_>, version: &ReadyVersion<'_>) {
    let shown = |field: Field| !matches!(field, Field::AltText(_) | Field::FileName(_) | Field::Contact);
    let headline: usize =
        version.passages.iter().filter(|r| r.field == Field::Headline).map(|r| r.text.chars().count()).sum();
    let total: usize = version.passages.iter().filter(|r| shown(r.field)).map(|r| r.text.chars().count() + 1).sum();
    let total = total.saturating_sub(1);
    let book = gather.book;
    for channel in &gather.checked.channels {
        let Some(limit) = book.limits().of(channel) else { continue };
        let mut hold = |count: usize, most: Option<usize>| {
            if let Some(most) = most.filter(|most| count > *most) {
                let ChannelCode(code) = channel;
                let extra = [("count", count.to_string()), ("limit", most.to_string()), ("channel", code.clone())];
                gather.whole(RuleId::LA_05, Some(version.language), &extra);
            }
        };
        hold(headline, limit.headline);
        hold(total, limit.total);
    }
}

fn hashtags(gather: &mut Gather<'_>, version: &ReadyVersion<'_>) {
    let language = version.language;
    let registered: Vec<String> =
        gather.checked.hashtags.tags.get(&language).into_iter().flatten().map(|tag| squeeze(tag)).collect();
    let mut any = false;
    for ready in version.passages.iter().filter(|ready| matches!(ready.field, Field::Hashtag(_))) {
        if registered.contains(&squeeze(ready.text)) {
            any = true;
        } else if !fold(ready.text).trim().is_empty() {
            gather.at(RuleId::HT_01, language, ready, &(0..ready.folded.lower.len()), &[]);
        }
    }
    if gather.checked.hashtags.wanted && !any {
        gather.whole(RuleId::HT_01, Some(language), &[]);
    }
}

fn picture(gather: &mut Gather<'_>, at: usize, picture: &Picture) {
    let number = [("count", (at + 1).to_string())];
    let with = |name: &'static str, value: String| [("count", (at + 1).to_string()), (name, value)];
    match (picture.editor, picture.second_viewer) {
        (Some(editor), Some(second)) => {
            if editor.restraint || second.restraint {
                gather.whole(RuleId::PI_06, None, &number);
            }
        }
        (one, other) => {
            if one.or(other).is_some_and(|viewed| viewed.restraint) {
                gather.whole(RuleId::PI_06, None, &number);
            }
            gather.not_checked(RuleId::PI_06, None, NotCheckedReason::NotViewedTwice);
        }
    }
    if !picture.in_scope {
        gather.whole(RuleId::IC_02, None, &number);
    }
    if gather.checked.minor_suspect() && picture.portrait && !picture.blurred {
        gather.whole(RuleId::MI_01, None, &number);
    }
    for version in &gather.checked.versions {
        let language: Language = version.language;
        if picture.alt.get(&language).is_none_or(|text| text.trim().is_empty()) {
            gather.whole(RuleId::LA_06, Some(language), &number);
        }
    }
    let Some(limits) = gather.book.limits().picture_on(gather.checked.today) else { return };
    if let Some(least) = too_small(picture, limits) {
        gather.whole(RuleId::IM_01, None, &with("limit", least.to_string()));
    }
    // A figure taken at another size says nothing about this limit.
    let measured = picture.measured.filter(|(_, side)| *side == limits.measured_at).map(|(value, _)| value);
    match picture.luma.as_ref().and_then(|luma| sharpness(luma, limits.measured_at)).or(measured) {
        // A blurred face is meant to be blurred.
        Some(value) if value < limits.sharpness && !picture.blurred => gather.whole(RuleId::IM_02, None, &number),
        Some(_) => {}
        None => gather.not_checked(RuleId::IM_02, None, NotCheckedReason::NotDecoded),
    }
}
