//! An order in the words of the Marketing API.

use super::{MetaClient, Pairs};
use crate::channels::ads::{AdOrder, Failed, Made, Step, Trouble};
use crate::channels::targeting::ad_sets;
use crate::domain::advert::{AdText, Cents, Placement, Weight};
use crate::domain::aim::Circles;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

/// ISO 8601 with an offset, whole seconds.
pub fn moment(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%S+0000").to_string()
}

fn circles(order: &AdOrder) -> &[(Circles, Weight)] {
    match &order.audience.placement {
        Placement::Circles(units) => units,
        Placement::Places(_) => &[],
    }
}

/// Ad sets of an order.
pub fn units(order: &AdOrder) -> usize {
    circles(order).len()
}

/// What each ad set may cost: by the people it reaches, every cent given out.
pub fn shares(order: &AdOrder, ceiling: Cents) -> Vec<Cents> {
    order.audience.placement.shares(ceiling)
}

/// What is made, in order. The number of ad sets is in their names, so that those of a finer division are others.
pub fn steps(order: &AdOrder) -> Vec<Step> {
    let all = units(order);
    let sets = (0..all).map(|n| Step::nth(&format!("set-of-{all}"), n));
    let ads = (0..all).map(|n| Step::nth("ad", n));
    let image = order.picture.as_ref().map(|_| Step::new("image"));
    let rest = [Step::new("creative")].into_iter().chain(ads);
    image.into_iter().chain([Step::new("campaign")]).chain(sets).chain(rest).collect()
}

/// An id that an earlier step must have left.
pub fn needed<'a>(made: &'a Made, name: &str) -> Result<&'a str, Failed> {
    made.id(name).ok_or_else(|| Failed::permanent(Trouble::NotFound, format!("nothing was made as {name}")))
}

/// `POST /act_…/ads`.
pub fn ad(order: &AdOrder, made: &Made, step: &Step) -> Result<Pairs, Failed> {
    let n = step.index().unwrap_or_default();
    let set = made.all("set").get(n).copied();
    let set = set.ok_or_else(|| Failed::permanent(Trouble::NotFound, format!("no ad set for {step}")))?;
    Ok(vec![
        ("name", order.key.name(step.as_str())),
        ("adset_id", set.to_owned()),
        ("creative", json!({"creative_id": needed(made, "creative")?}).to_string()),
        ("status", "PAUSED".to_owned()),
    ])
}

impl MetaClient {
    /// Who is shown one ad set: places, the language, adults. Nothing else can be said.
    pub(super) fn targeting(&self, order: &AdOrder, unit: usize) -> Result<Value, Failed> {
        let language = order.audience.language;
        let locales = self.locales.get(&language).filter(|locales| !locales.is_empty());
        let Some(locales) = locales else {
            return Err(Failed::permanent(Trouble::SetUp, format!("no locale number for {language}")));
        };
        let placed =
            circles(order).get(unit).map(|(circles, _)| circles).filter(|circles| !circles.includes.is_empty());
        let Some(circles) = placed else {
            return Err(Failed::permanent(Trouble::Refused, "an ad set without a place would be shown everywhere"));
        };
        let meta = crate::channels::targeting::Meta { locales: [(language, locales.clone())].into() };
        let sets = ad_sets(std::slice::from_ref(circles), &meta, Some(language));
        let mut targeting = sets.into_iter().next().unwrap_or_default();
        if let Some(object) = targeting.as_object_mut() {
            object.insert("age_min".to_owned(), json!(order.audience.ages.least()));
            object.insert("age_max".to_owned(), json!(order.audience.ages.most()));
        }
        Ok(targeting)
    }

    /// `POST /act_…/campaigns`.
    #[expect(clippy::unused_self, reason = "an order in this client's words, like its neighbours")]
    pub(super) fn campaign(&self, order: &AdOrder) -> Pairs {
        vec![
            ("name", order.key.name("campaign")),
            ("objective", "OUTCOME_AWARENESS".to_owned()),
            ("status", "PAUSED".to_owned()),
            // An appeal of the police is none of the special categories; one set by mistake would widen circles to 15 km.
            ("special_ad_categories", r#"["NONE"]"#.to_owned()),
            ("is_adset_budget_sharing_enabled", "false".to_owned()),
            ("buying_type", "AUCTION".to_owned()),
        ]
    }

    /// `POST /act_…/adsets`.
    pub(super) fn ad_set(&self, order: &AdOrder, made: &Made, step: &Step) -> Result<Pairs, Failed> {
        let n = step.index().unwrap_or_default();
        let share = shares(order, order.ceiling).get(n).copied().unwrap_or_default();
        Ok(vec![
            ("name", order.key.name(step.as_str())),
            ("campaign_id", needed(made, "campaign")?.to_owned()),
            ("optimization_goal", "REACH".to_owned()),
            ("billing_event", "IMPRESSIONS".to_owned()),
            ("bid_strategy", "LOWEST_COST_WITHOUT_CAP".to_owned()),
            // A lifetime budget is a ceiling; a daily one can be overspent by a quarter.
            ("lifetime_budget", share.0.to_string()),
            ("start_time", moment(order.starts_at)),
            ("end_time", moment(order.ends_at)),
            ("promoted_object", json!({"page_id": self.config.page}).to_string()),
            ("dsa_beneficiary", order.declaration.beneficiary.clone()),
            ("dsa_payor", order.declaration.payer.clone()),
            ("targeting", self.targeting(order, n)?.to_string()),
            ("status", "PAUSED".to_owned()),
        ])
    }

    /// `POST /act_…/adcreatives`.
    pub(super) fn creative(&self, order: &AdOrder, made: &Made) -> Result<Pairs, Failed> {
        let AdText::Meta { message, title } = &order.text else {
            return Err(Failed::permanent(Trouble::Refused, "the text was composed for another platform"));
        };
        let mut data = json!({"link": order.link, "message": message, "name": title,
            "call_to_action": {"type": "LEARN_MORE", "value": {"link": order.link}}});
        if let (Some(object), Some(hash)) = (data.as_object_mut(), made.id("image")) {
            object.insert("image_hash".to_owned(), json!(hash));
        }
        let story = json!({"page_id": self.config.page, "link_data": data});
        Ok(vec![("name", order.key.name("creative")), ("object_story_spec", story.to_string())])
    }
}
