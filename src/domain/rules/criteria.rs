//! Questions asked one by one before some appeals: the six signs of a worrying disappearance, the criteria of the alert
//! plans. Every answer is kept, also when the outcome is that nothing triggers.

use super::law::{Mark, Phrase, RuleId};
use crate::domain::codes::codes;
use crate::domain::document::Reader;
use crate::domain::faults::Fault;
use crate::domain::ids::{AssessmentId, PersonId};
use crate::domain::kind::AppealKind;
use crate::domain::place::Country;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

codes! {
    /// How many yeses trigger.
    CriteriaNeed { /// One is enough.
        Any = "any", /// All of them.
        All = "all" }
}
codes! {
    /// An answer.
    Answer { /// Yes.
        Yes = "yes", /// No.
        No = "no", /// Nobody knows yet.
        Unknown = "unknown" }
}

/// One question.
#[derive(Clone, Debug)]
pub struct Question {
    /// Stable code within its list.
    pub code: String,
    /// The question.
    pub text: Phrase,
}

/// A list of questions.
#[derive(Clone, Debug)]
pub struct CriteriaSet {
    /// Its id.
    pub id: RuleId,
    /// Whose.
    pub country: Country,
    /// Which kinds it is asked for.
    pub kinds: Vec<AppealKind>,
    /// How sure.
    pub mark: Mark,
    /// The laws it follows from.
    pub because: Vec<RuleId>,
    /// How many yeses trigger.
    pub needs: CriteriaNeed,
    /// The questions, in the order they are asked.
    pub questions: Vec<Question>,
}

/// One question's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The question's code.
    pub question: String,
    /// The answer.
    pub answer: Answer,
    /// What it rests on; internal.
    pub note: String,
}

/// A list of questions with every answer, as one person gave them. Never edited: asking again is a new assessment.
#[derive(Clone, Debug)]
pub struct Assessment {
    /// Its id.
    pub id: AssessmentId,
    /// The list.
    pub criteria: RuleId,
    /// The answers, in the order of the questions.
    pub answers: Vec<Answered>,
    /// Whether it triggered when it was made.
    pub triggered: bool,
    /// Who answered.
    pub by: PersonId,
    /// When.
    pub at: DateTime<Utc>,
}

impl CriteriaSet {
    /// Whether answers trigger: what nobody knows is no yes.
    #[must_use]
    pub fn triggers(&self, answers: &[Answered]) -> bool {
        let yes = |question: &Question| {
            answers.iter().any(|answered| answered.question == question.code && answered.answer == Answer::Yes)
        };
        match self.needs {
            CriteriaNeed::Any => self.questions.iter().any(yes),
            CriteriaNeed::All => self.questions.iter().all(yes),
        }
    }

    /// Reads the answers of a filed assessment: every question once, nothing else. Every fault at once.
    pub fn read_answers(&self, r: &mut Reader<'_>) -> Vec<Answered> {
        let answers = r.objects("answers", 40, |mut a| {
            let code = a.needed_line("question", 1..=60);
            if let Some(code) = &code
                && !self.questions.iter().any(|question| question.code == *code)
            {
                a.note(Fault::at(a.pointer("question"), "unknown-value").with("value", code));
            }
            let answer = a.required("answer", |a, key| a.choice(key, Answer::parse));
            let note = a.text("note", 0..=1000).unwrap_or_default();
            a.finish();
            Some(Answered { question: code?, answer: answer?, note })
        });
        for question in &self.questions {
            match answers.iter().filter(|answered| answered.question == question.code).count() {
                0 => r.note(Fault::at(r.pointer("answers"), "question-unanswered").with("value", &question.code)),
                1 => {}
                _ => r.note(Fault::at(r.pointer("answers"), "named-twice").with("value", &question.code)),
            }
        }
        answers
    }
}

impl Answered {
    /// The stored form of a list of answers.
    #[must_use]
    pub fn to_document(answers: &[Self]) -> Value {
        answers.iter().map(|a| json!({"question": a.question, "answer": a.answer.code(), "note": a.note})).collect()
    }

    /// Reads the stored form; `None` when it is corrupt.
    #[must_use]
    pub fn from_document(value: &Value) -> Option<Vec<Self>> {
        let text = |item: &Value, key: &str| item.get(key)?.as_str().map(str::to_owned);
        value
            .as_array()?
            .iter()
            .map(|item| {
                Some(Self {
                    question: text(item, "question")?,
                    answer: Answer::parse(&text(item, "answer")?)?,
                    note: text(item, "note")?,
                })
            })
            .collect()
    }
}
