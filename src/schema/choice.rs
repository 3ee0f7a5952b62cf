//! Which of several names a rule is about: one log type, or one source, is spread over tables by the value of a field.

use super::log_source::{LogSourceMap, Named, SigmaSource, is_enrichment};
use super::table::{Access, TableMap};
use crate::ir::{
    CaseSensitivity, Condition, FieldPath, Literal, Object, Operator, Predicate, Rule, Term,
    Threshold,
};

/// The values that the condition lets the field have; `None` where it does not list them.
fn values_of(condition: &Condition, is_field: &dyn Fn(&FieldPath) -> bool) -> Option<Vec<Literal>> {
    match condition {
        Condition::Test(predicate) => {
            let Term::Field(path) = &predicate.subject else {
                return None;
            };
            match (predicate.operator, &predicate.object) {
                (Operator::Equals, Object::Literal(value)) if is_field(path) => {
                    Some(vec![value.clone()])
                }
                (Operator::In, Object::List(values)) if is_field(path) => Some(values.clone()),
                _ => None,
            }
        }
        Condition::All(parts) => parts.iter().find_map(|part| values_of(part, is_field)),
        Condition::Any(parts) => {
            let mut values = Vec::new();
            for part in parts {
                values.extend(values_of(part, is_field)?);
            }
            Some(values)
        }
        Condition::Not(_) | Condition::Items { .. } => None,
    }
}

/// The verdict on a value.
type Asked<'p> = Box<dyn Fn(&Literal) -> bool + 'p>;

/// A predicate's verdict on a value, where the predicate compares with constants; nothing for what takes more than a comparison.
fn asked_of(predicate: &Predicate) -> Option<Asked<'_>> {
    let fold = predicate.case == CaseSensitivity::Insensitive;
    let spelt = move |text: &str| {
        if fold {
            text.to_lowercase()
        } else {
            text.to_owned()
        }
    };
    let any_of = move |asked: &[Literal], value: &Literal| {
        if fold {
            holds_one(asked, std::slice::from_ref(value))
        } else {
            asked.contains(value)
        }
    };
    let part: fn(&str, &str) -> bool = match (predicate.operator, &predicate.object) {
        (Operator::Equals, Object::Literal(asked)) => {
            return Some(Box::new(move |value| {
                any_of(std::slice::from_ref(asked), value)
            }));
        }
        (Operator::In, Object::List(asked)) => {
            return Some(Box::new(move |value| any_of(asked, value)));
        }
        (Operator::Contains, _) => |whole, part| whole.contains(part),
        (Operator::StartsWith, _) => |whole, part| whole.starts_with(part),
        (Operator::EndsWith, _) => |whole, part| whole.ends_with(part),
        _ => return None,
    };
    let Object::Texts(texts) = &predicate.object else {
        return None;
    };
    Some(Box::new(move |value| {
        let whole = value.as_text().map(spelt);
        whole.is_some_and(|whole| texts.iter().any(|text| part(&whole, &spelt(text))))
    }))
}

/// Whether no value without the text satisfies the predicate.
fn asks_for(predicate: &Predicate, text: &str) -> bool {
    let has = |literal: &Literal| literal.as_text().is_some_and(|value| value.contains(text));
    match (predicate.operator, &predicate.object) {
        (Operator::Equals, Object::Literal(asked)) => has(asked),
        (Operator::In, Object::List(asked)) => !asked.is_empty() && asked.iter().all(has),
        (Operator::Contains | Operator::StartsWith | Operator::EndsWith, Object::Texts(asked)) => {
            !asked.is_empty() && asked.iter().all(|value| value.contains(text))
        }
        _ => false,
    }
}

/// Whether a predicate on the field asks for values that it does not have in the table, by what stands in all of them or in none.
fn asks_for_other_texts(predicate: &Predicate, path: &FieldPath, table: &TableMap) -> bool {
    let of = |texts: &[(FieldPath, String)], asks: fn(&Predicate, &str) -> bool| {
        let text = texts.iter().find(|(field, _)| field == path);
        text.is_some_and(|(_, text)| asks(predicate, text))
    };
    of(&table.lacks, asks_for) || of(&table.holds, asks_without)
}

/// Whether no value with the text satisfies the predicate.
fn asks_without(predicate: &Predicate, text: &str) -> bool {
    // Letters of another case are no other value where the predicate takes them for the same.
    let text = text.to_lowercase();
    let lacks = |literal: &Literal| {
        let value = literal.as_text();
        value.is_some_and(|value| !value.to_lowercase().contains(&text))
    };
    match (predicate.operator, &predicate.object) {
        (Operator::Equals, Object::Literal(asked)) => lacks(asked),
        (Operator::In, Object::List(asked)) => asked.iter().all(lacks),
        _ => false,
    }
}

/// Whether two values are the same but for the case of letters.
fn is_alike(a: &Literal, b: &Literal) -> bool {
    match (a, b) {
        (Literal::Text(a), Literal::Text(b)) => a.eq_ignore_ascii_case(b),
        _ => a == b,
    }
}

/// Whether the events of the other table are among those of this kind as well.
fn holds_all_of(table: &TableMap, other: &TableMap) -> bool {
    other.has.iter().all(|(field, values)| {
        let own = table.has.iter().find(|(known, _)| known == field);
        own.is_some_and(|(_, own)| {
            own.iter()
                .all(|value| holds_one(values, std::slice::from_ref(value)))
        })
    }) && table
        .has
        .iter()
        .all(|(field, _)| other.has.iter().any(|(known, _)| known == field))
}

fn holds_one(values: &[Literal], wanted: &[Literal]) -> bool {
    wanted
        .iter()
        .any(|wanted| values.iter().any(|value| is_alike(value, wanted)))
}

/// Whether the condition asks that the column has a value.
fn asks_for_value(condition: &Condition, column: &str) -> bool {
    condition.conjuncts().iter().any(|conjunct| match conjunct {
        Condition::Test(predicate) => {
            let is_column = |path: &FieldPath| path.to_string() == column;
            let is_filled = matches!(
                predicate.operator,
                Operator::IsPresent | Operator::IsFilled | Operator::IsTruthy
            );
            is_filled && predicate.subject.as_field().is_some_and(is_column)
        }
        _ => false,
    })
}

/// Whether the condition asks that each of the fields have one of its values.
pub(super) fn asks(condition: &Condition, only: &[(String, Vec<Literal>)]) -> bool {
    only.iter().all(|(field, own)| {
        let is_field = |path: &FieldPath| path.to_string().eq_ignore_ascii_case(field);
        let asked = values_of(condition, &is_field);
        asked.is_some_and(|asked| {
            asked
                .iter()
                .all(|value| holds_one(own, std::slice::from_ref(value)))
        })
    })
}

impl<T> Named<T> {
    /// Whether every event that the condition selects under the name is the source's.
    pub fn is_implied(&self, condition: &Condition) -> bool {
        asks(condition, &self.only)
    }
}

impl TableMap {
    /// Whether every row that the condition on its columns selects is the source's, and the table's columns then say no more of
    /// it than the source's fields do.
    pub(super) fn is_part_of(&self, condition: &Condition) -> bool {
        let said = |(column, values): &(String, Vec<Literal>)| {
            values.len() == 1 || self.column(column).is_some()
        };
        let filled = self.filled.as_deref();
        let is_told = !self.only.is_empty() || filled.is_some();
        is_told
            && !self.shared
            && self.only.iter().all(said)
            && asks(condition, &self.only)
            && filled.is_none_or(|column| asks_for_value(condition, column))
    }
}

impl<T> Named<T> {
    /// What tells the source's events from others under the name, or a part's from the others of the source.
    pub fn condition(&self) -> Condition {
        self.only
            .iter()
            .fold(Condition::TRUE, |told, (field, values)| {
                let path = FieldPath::parse(field).unwrap_or_default();
                let test = Predicate::new(
                    Term::Field(path),
                    Operator::In,
                    Object::List(values.clone()),
                );
                told.and(test.into())
            })
    }

    /// The condition on events under the name, without the questions that the name answers for all of them.
    #[must_use]
    pub fn told(&self, condition: &Condition) -> Condition {
        let answers = |part: &Condition| {
            self.only.iter().any(|(field, own)| {
                let is_field = |path: &FieldPath| path.to_string().eq_ignore_ascii_case(field);
                let asked = matches!(part, Condition::Test(_))
                    .then(|| values_of(part, &is_field))
                    .flatten();
                asked.is_some_and(|asked| {
                    own.iter()
                        .all(|value| holds_one(&asked, std::slice::from_ref(value)))
                })
            })
        };
        let kept = condition.conjuncts().iter().filter(|part| !answers(part));
        kept.cloned().fold(Condition::TRUE, Condition::and)
    }
}

impl LogSourceMap {
    /// What Sigma calls the source, or the part of it that the condition selects from; the name that says most.
    pub fn sigma_name(&self, condition: &Condition) -> Option<&Named<SigmaSource>> {
        let implied = self
            .sigma
            .iter()
            .filter(|named| named.is_implied(condition));
        implied.rev().max_by_key(|named| named.only.len())
    }

    /// What tells the source's events from others under its log types, as far as the condition does not.
    pub fn untold(&self, condition: &Condition) -> Condition {
        let named = self
            .panther
            .iter()
            .find(|named| !named.is_implied(condition));
        named.map_or(Condition::TRUE, Named::condition)
    }

    /// What a predicate says of every event of the table alike, if it does.
    pub fn answer(&self, predicate: &Predicate, table: &TableMap) -> Option<bool> {
        let path = self.canonical(predicate.subject.as_field()?);
        if asks_for_other_texts(predicate, &path, table) {
            return Some(false);
        }
        let constant;
        let own = match table.access(&path) {
            Access::Constant(value) => {
                constant = [value.clone()];
                &constant[..]
            }
            _ => self.told_by(table, &path)?,
        };
        if let (Operator::Exists | Operator::IsPresent, _) = (predicate.operator, &predicate.object)
        {
            return Some(true);
        }
        let asked = asked_of(predicate)?;
        match own.iter().filter(|value| asked(value)).count() {
            0 => Some(false),
            all if all == own.len() => Some(true),
            _ => None,
        }
    }

    /// The values that the field has in the table, where they are listed for it or for a field that stands in the same column.
    fn told_by<'t>(&'t self, table: &'t TableMap, path: &FieldPath) -> Option<&'t Vec<Literal>> {
        if let Some((_, values)) = table.has.iter().find(|(field, _)| field == path) {
            return Some(values);
        }
        if table.has.is_empty() {
            return None;
        }
        let column = |table: &'t TableMap, field: &FieldPath| match table.access(field) {
            Access::Column(column) => Some(column.name.as_str()),
            _ => None,
        };
        let mut tables = self.tables().iter();
        let (holder, name) = tables.find_map(|table| Some((table, column(table, path)?)))?;
        let mut told = table.has.iter();
        told.find(|(field, _)| column(holder, field) == Some(name))
            .map(|(_, values)| values)
    }

    /// What is true of every event of the table and not of the source's events in other tables: the test of the field that
    /// tells them apart.
    pub fn telling(&self, table: &TableMap) -> Condition {
        let is_alone = |field: &FieldPath, values: &Vec<Literal>| {
            let mut others = self.tables().iter();
            others.all(|other| {
                other
                    .has
                    .iter()
                    .any(|known| (&known.0, &known.1) == (field, values))
            })
        };
        table
            .has
            .iter()
            .fold(Condition::TRUE, |told, (field, values)| {
                if is_alone(field, values) {
                    return told;
                }
                let (operator, object) = match values.as_slice() {
                    [one] => (Operator::Equals, Object::Literal(one.clone())),
                    many => (Operator::In, Object::List(many.to_vec())),
                };
                told.and(Predicate::new(Term::Field(field.clone()), operator, object).into())
            })
    }

    /// The condition on the events of a table, without the questions that it answers for all of them alike.
    pub fn told(&self, condition: Condition, table: &TableMap) -> Condition {
        condition.map(&mut |node| match node {
            Condition::Test(predicate) => self
                .answer(predicate, table)
                .map(Condition::constant)
                .or_else(|| self.without_never(node)),
            other => self.without_never(other),
        })
    }

    /// The condition without the questions after fields that no record has.
    pub fn rid(&self, condition: Condition) -> Condition {
        if self.never.is_empty() && self.never_holds.is_empty() {
            return condition;
        }
        condition.map(&mut |node| self.without_never(node))
    }

    fn without_never(&self, node: &Condition) -> Option<Condition> {
        let never = |term: &Term| {
            let path = term.as_field().filter(|_| !self.never.is_empty());
            path.is_some_and(|path| self.is_never(&self.canonical(path)))
        };
        match node {
            Condition::Test(predicate) => {
                let plain = !matches!(predicate.object, Object::Term(_));
                let holds = predicate.operator.info().on_missing;
                if plain && never(&predicate.subject) {
                    return Some(Condition::constant(holds));
                }
                self.asks_elsewhere(predicate).then_some(Condition::FALSE)
            }
            // Nothing but a list has items that satisfy.
            Condition::Items { list, .. } => never(list).then_some(Condition::FALSE),
            other => other.folded(),
        }
    }

    /// Whether the predicate asks a field for nothing but values that no record of the source has.
    fn asks_elsewhere(&self, predicate: &Predicate) -> bool {
        if self.never_holds.is_empty() {
            return false;
        }
        let Some(path) = predicate
            .subject
            .as_field()
            .map(|path| self.canonical(path))
        else {
            return false;
        };
        let Some((_, elsewhere)) = self.never_holds.iter().find(|(field, _)| *field == path) else {
            return false;
        };
        let asked = match (predicate.operator, &predicate.object) {
            (Operator::Equals, Object::Literal(asked)) => std::slice::from_ref(asked),
            (Operator::In, Object::List(asked)) => asked,
            _ => return false,
        };
        // Letters of another case would be another value, of which nothing is known.
        let known = |value: &Literal| elsewhere.contains(value);
        predicate.case == CaseSensitivity::Sensitive && asked.iter().all(known)
    }

    /// Whether no record has the field.
    pub fn is_never(&self, path: &FieldPath) -> bool {
        self.never.iter().any(|never| path.starts_with(never))
    }

    /// The tables that can hold an event that the condition selects, the preferred first. Without a condition on the field that
    /// tells them apart, every table can.
    pub fn tables_for(&self, condition: &Condition) -> Vec<&TableMap> {
        let tables = self.tables().iter().filter(|table| !table.shared);
        tables
            .filter(|table| self.can_hold(table, condition))
            .collect()
    }

    /// The table to read the events in that the rule selects: the preferred, or the next one where that has all fields of the
    /// condition, and of what is counted, and the preferred one has not; one with the same events before one with others.
    pub fn table_with_fields(&self, rule: &Rule) -> Option<&TableMap> {
        let tables = self.tables_for(&rule.selection);
        let preferred = *tables.first()?;
        if tables.len() == 1 {
            return Some(preferred);
        }
        let asked = self.rid(self.rule_out(rule.selection.clone()));
        let of = |mut fields: Vec<&FieldPath>| -> Vec<FieldPath> {
            fields.sort_unstable();
            fields.dedup();
            let fields = fields.into_iter();
            let read = fields.filter(|path| !is_enrichment(path));
            read.map(|path| self.canonical(path)).collect()
        };
        let selected = of(asked.fields());
        let counted = rule.threshold.iter().flat_map(Threshold::counted);
        let counted = of(counted.flat_map(Term::fields).collect());
        let has_all = |table: &TableMap, counts: bool| {
            let lacks =
                |path: &FieldPath| matches!(table.access(path), Access::Absent | Access::Unmapped);
            !(selected.iter().any(lacks) || counts && counted.iter().any(lacks))
        };
        let found = [true, false].into_iter().find_map(|counts| {
            let whole = || tables.iter().filter(|table| has_all(table, counts));
            let same = whole().find(|table| holds_all_of(preferred, table));
            same.or_else(|| whole().next()).copied()
        });
        Some(found.unwrap_or(preferred))
    }

    /// Whether what stands in all values of a field in the table, or in none, leaves the condition an event there.
    fn may_hold_texts(&self, table: &TableMap, condition: &Condition) -> bool {
        if table.holds.is_empty() && table.lacks.is_empty() {
            return true;
        }
        let left = condition.clone().map(&mut |node| match node {
            Condition::Test(predicate) => {
                let path = self.canonical(predicate.subject.as_field()?);
                asks_for_other_texts(predicate, &path, table).then_some(Condition::FALSE)
            }
            other => other.folded(),
        });
        left.as_constant() != Some(false)
    }

    fn can_hold(&self, table: &TableMap, condition: &Condition) -> bool {
        if !self.may_hold_texts(table, condition) {
            return false;
        }
        let told_by = self.tables().iter().flat_map(|table| &table.has);
        let mut fields: Vec<&FieldPath> = told_by.map(|(field, _)| field).collect();
        fields.dedup();
        fields.into_iter().all(|field| {
            let is_field = |path: &FieldPath| &self.canonical(path) == field;
            let Some(asked) = values_of(condition, &is_field) else {
                return true;
            };
            if let Some((_, own)) = table.has.iter().find(|(known, _)| known == field) {
                return holds_one(own, &asked);
            }
            // What the others have is not in this one.
            let others = self.tables().iter().flat_map(|table| &table.has);
            let others: Vec<Literal> = others
                .filter(|(known, _)| known == field)
                .flat_map(|(_, values)| values.clone())
                .collect();
            let elsewhere = |value: &Literal| holds_one(&others, std::slice::from_ref(value));
            !asked.iter().all(elsewhere)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::ir::{
        Comparison, Condition, FieldPath, Literal, Measure, Metadata, Object, Operator, Origin,
        Predicate, Rule, Term, Threshold, WindowKind,
    };
    use crate::schema::{Access, Crosswalk, FieldType};

    fn category(values: &[&str]) -> Condition {
        let values = values.iter().map(|value| Literal::text(*value)).collect();
        Predicate::new(
            Term::field(["category"]),
            Operator::In,
            Object::List(values),
        )
        .into()
    }

    #[test]
    fn a_category_says_the_table() {
        let source = Crosswalk::builtin().get("azure.activity").unwrap();
        let tables = |condition: &Condition| -> Vec<&str> {
            let tables = source.tables_for(condition);
            tables.iter().map(|table| table.name.as_str()).collect()
        };
        assert_eq!(tables(&category(&["Administrative"])), ["AzureActivity"]);
        assert_eq!(tables(&category(&["storageread"])), ["StorageBlobLogs"]);
        let both = category(&["Policy", "kube-audit"]);
        assert_eq!(tables(&both), ["AzureActivity", "AKSAudit"]);
        let aks = source.table("AKSAudit").unwrap();
        assert_eq!(
            source.told(category(&["kube-audit", "x"]), aks),
            Condition::TRUE
        );
        assert_eq!(source.told(category(&["x"]), aks), Condition::FALSE);
        assert_eq!(tables(&Condition::TRUE)[0], "AzureActivity");
        let part = category(&["kube-audit"]).and(category(&["x"]).negate());
        assert_eq!(tables(&part), ["AKSAudit"]);
    }

    #[test]
    fn a_table_is_read_that_has_the_keys_of_a_count() {
        let source = Crosswalk::builtin().get("gcp.audit").unwrap();
        let mut rule = Rule::new(Metadata::default());
        let name = Term::field(["protoPayload", "methodName"]);
        let asked = Object::Literal(Literal::text("x"));
        rule.selection = Predicate::new(name, Operator::Equals, asked).into();
        let table = |rule: &Rule| source.table_with_fields(rule).unwrap().name.clone();
        assert_eq!(table(&rule), "GCPAuditLogs");
        rule.threshold = Some(Threshold {
            measure: Measure::Count,
            comparison: Comparison::AtLeast,
            count: 5.0,
            also: None,
            window: Duration::from_secs(60),
            window_kind: WindowKind::Sliding,
            group_by: vec![Term::field(["resource", "labels", "bucket_name"])],
            origin: Origin::default(),
        });
        assert_eq!(table(&rule), "GCPAuditLogsV2_CL");
    }

    #[test]
    fn a_table_like_another_has_every_field_of_a_column() {
        let source = Crosswalk::builtin().get("crowdstrike.fdr").unwrap();
        let table = source.table("CrowdStrike_DNS_Events_CL").unwrap();
        for path in [
            "event_simpleName",
            "event.event_simpleName",
            "fdr_event_type",
        ] {
            let path = FieldPath::parse(path).unwrap();
            let Access::Column(column) = table.access(&path) else {
                panic!("{path}")
            };
            assert_eq!(column.name, "event_simpleName");
        }
    }

    #[test]
    fn the_items_of_a_list_of_texts_are_texts() {
        let source = Crosswalk::builtin().get("k8s.audit").unwrap();
        let kind = |path: &str| source.kind(&FieldPath::parse(path).unwrap());
        assert_eq!(kind("sourceIPs"), FieldType::ScalarList);
        assert_eq!(kind("sourceIPs[]"), FieldType::Text);
        assert_eq!(kind("nothing[]"), FieldType::Any);
    }

    #[test]
    fn a_category_says_the_source() {
        let audit = Crosswalk::builtin().get("azure.audit").unwrap();
        let name = &audit.panther[0];
        assert!(name.is_implied(&category(&["AuditLogs"])));
        assert!(!name.is_implied(&category(&["AuditLogs", "SignInLogs"])));
        assert!(!name.is_implied(&Condition::TRUE));
    }

    #[test]
    fn every_name_of_sigma_leads_to_its_source_and_back() {
        for source in Crosswalk::builtin().sources() {
            for named in &source.sigma {
                let (found, same) = Crosswalk::builtin().by_sigma(&named.name).unwrap();
                assert_eq!((&found.id, same), (&source.id, named));
                let back = source.sigma_name(&named.condition()).unwrap();
                assert_eq!(back.only, named.only, "{:?}", named.name);
                assert_eq!(back.told(&named.condition()), Condition::TRUE);
            }
        }
    }

    #[test]
    fn a_part_of_a_source_has_a_name_of_its_own() {
        let registry = Crosswalk::builtin().get("windows.registry").unwrap();
        let asked = |values: &[&str]| {
            let values = values.iter().map(|value| Literal::text(*value)).collect();
            Condition::from(Predicate::new(
                Term::field(["EventType"]),
                Operator::In,
                Object::List(values),
            ))
        };
        let category = |condition: &Condition| {
            let named = registry.sigma_name(condition).unwrap();
            let told = named.told(condition);
            (
                named.name.category.clone().unwrap(),
                told == Condition::TRUE,
            )
        };
        assert_eq!(
            category(&asked(&["SetValue"])),
            ("registry_set".into(), true)
        );
        assert_eq!(
            category(&asked(&["DeleteKey"])),
            ("registry_delete".into(), false)
        );
        let both = asked(&["SetValue", "CreateKey"]);
        assert_eq!(category(&both), ("registry_event".into(), false));
    }

    #[test]
    fn a_text_in_all_values_says_the_table() {
        let source = Crosswalk::builtin().get("azure.activity").unwrap();
        let tables = |operation: &str| -> Vec<&str> {
            let operation = Object::Literal(Literal::text(operation));
            let asked = Predicate::new(Term::field(["operationName"]), Operator::Equals, operation);
            let tables = source.tables_for(&asked.ignore_case().into());
            tables.iter().map(|table| table.name.as_str()).collect()
        };
        assert!(!tables("DELETEBLOB").contains(&"AzureActivity"));
        assert_eq!(
            tables("Microsoft.Storage/storageAccounts/delete")[0],
            "AzureActivity"
        );
    }

    #[test]
    fn a_column_that_is_filled_tells_the_rows_of_the_source() {
        let crosswalk = Crosswalk::builtin();
        let asks = |column: &str| {
            let asked = Predicate::new(Term::field([column]), Operator::IsFilled, Object::None);
            let part = crosswalk.part_of_table("CloudflareV2_CL", &asked.into());
            part.map(|part| part.source().id.clone())
        };
        assert_eq!(
            asks("EdgeStartTimestamp").as_deref(),
            Some("cloudflare.http")
        );
        assert_eq!(asks("ClientIP"), None);
        assert!(crosswalk.by_table("CloudflareV2_CL").is_none());
    }
}
