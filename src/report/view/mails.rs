//! A run's mails: what its journal says, and what became of them since.

use std::collections::BTreeMap;

use super::model::{MailView, RunView};
use super::next::next_action;
use crate::clock::Jst;
use crate::journal::{Event, Record, State};

pub(super) fn mails(state: &State, records: &[Record]) -> Vec<MailView> {
    let mut mails: Vec<MailView> = Vec::new();
    for record in records {
        match &record.event {
            Event::MailQueued { message_id, about, recipients } => mails.push(MailView {
                message_id: message_id.clone(),
                about: about.clone(),
                recipients: *recipients,
                queued_at: Some(record.at),
                sent_at: None,
                cancelled: false,
                problem: state.mails.get(message_id).and_then(|mail| mail.problem.clone()),
            }),
            Event::MailSent { message_id } => {
                for mail in mails.iter_mut().filter(|mail| mail.message_id == *message_id) {
                    mail.sent_at = Some(record.at);
                }
            }
            _ => {}
        }
    }
    mails
}

impl RunView {
    /// Takes in what became of mails after the run had ended, which its journal does not say: by
    /// Message-ID, when a server took it; `None` where a person took it out of the queue.
    pub fn learn_mails(&mut self, settled: &BTreeMap<String, Option<Jst>>, now: Option<Jst>) {
        for mail in self.mails.iter_mut().filter(|mail| mail.sent_at.is_none()) {
            match settled.get(&mail.message_id) {
                Some(Some(at)) => (mail.sent_at, mail.problem) = (Some(*at), None),
                Some(None) => mail.cancelled = true,
                None => {}
            }
        }
        self.next_action = next_action(self, now);
    }
}
