//! Sends a test mail to the clinic's and vendor's own addresses.

use async_trait::async_trait;

use super::{Action, Failure, StepCx, notify};
use crate::diag::{Kind, Problem};
use crate::playbook::Outputs;

pub(super) struct MailProbe;

#[async_trait]
impl Action for MailProbe {
    async fn apply(&self, cx: &StepCx) -> Result<Outputs, Failure> {
        let id = notify::send_test(cx).await?;
        let state = cx.journal.state().await;
        match state.mails.get(&id) {
            Some(mail) if mail.sent => Ok(Outputs::from([("message_id".to_owned(), id.into())])),
            Some(mail) => Err(mail
                .problem
                .clone()
                .unwrap_or_else(|| Problem::new("run-mail-unsent", Kind::MailUndelivered))
                .into()),
            None => Err(Problem::new("run-mail-unsent", Kind::MailUndelivered).into()),
        }
    }
}
