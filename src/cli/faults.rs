//! `faults`: the places at which a rehearsal can be made to fail.

use super::output::Output;
use crate::diag::Problem;
use crate::fault::Point;
use crate::t;

pub(super) fn faults(output: &Output) -> Result<u8, Problem> {
    let text = |point: &Point| t!(output.lang, &format!("fault-point-{}", point.name()));
    if output.json {
        let points: Vec<serde_json::Value> = Point::ALL
            .iter()
            .map(|point| {
                serde_json::json!({
                    "point": point.name(),
                    "place": point.place(),
                    "text": text(point),
                })
            })
            .collect();
        output.json(&serde_json::json!({ "points": points }))?;
        return Ok(0);
    }
    let mut place = None;
    for point in Point::ALL {
        if place != Some(point.place()) {
            place = Some(point.place());
            output.data(&t!(output.lang, &format!("fault-place-{}", point.place().name())))?;
        }
        output.data(&format!("  {:<20} {}", point.name(), text(point)))?;
    }
    output.talk(&t!(output.lang, "fault-usage"));
    Ok(0)
}
