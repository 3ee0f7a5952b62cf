//! The table of diagnostic codes.
//!
//! Each code is defined once: variant, printed code, title, and the paragraph that `rulec explain CODE` prints. Codes are stable:
//! a code that is no longer used is retired, never given to another message.

/// What is known of a code.
#[derive(Clone, Copy, Debug)]
pub struct CodeInfo {
    /// The code.
    pub code: Code,
    /// As printed: three letters and three digits.
    pub name: &'static str,
    /// One line.
    pub title: &'static str,
    /// One paragraph: what it means, why it matters, what to do.
    pub explanation: &'static str,
}

macro_rules! codes {
    ($($variant:ident $name:literal $title:literal $explanation:literal)*) => {
        /// The code of a diagnostic.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[allow(missing_docs, reason = "each variant's text is its entry in the table")]
        pub enum Code { $($variant),* }

        /// Every code, in the order of the table.
        pub const CODES: &[CodeInfo] = &[$(CodeInfo {
            code: Code::$variant, name: $name, title: $title, explanation: $explanation,
        }),*];
    };
}

codes! {
    UnreadableFile "SRC001" "the file cannot be read"
        "The path does not exist, is not a file or folder, or the system refused access. Nothing was read from it."
    InvalidUtf8 "SRC002" "the file is not UTF-8"
        "Rules are UTF-8 text. The message names the offset of the first byte that is not; convert the file, for example with iconv."
    FileTooLarge "SRC003" "the file is larger than a rule can be"
        "Files over 4 MiB are not read as rules. Detection rules are kilobytes; a file of that size is usually a log or an archive under the wrong name."
    UnknownFormat "SRC004" "the rule format was not recognised"
        "The format is recognised from the content: AnalysisType (Panther), query and kind or entityMappings (Sentinel), detection or correlation (Sigma), a versioned rule object (native JSON). Where the content does not decide, name the format with --from."
    NoRules "SRC005" "the folder holds no rules"
        "The folder was walked and no file in it was recognised as a rule of any format."
    MissingCompanion "SRC006" "a file that the rule names is missing"
        "The rule refers to another file (Panther's Filename, a helper module), which must stand beside it or in a helper folder above it."
    OutputFailed "SRC007" "the output could not be written"
        "Artifacts are written to a temporary name and renamed, so a file is either whole or not there. The message names the file and the system's reason."
    DuplicateOutput "SRC008" "two rules would be written to one folder"
        "Each rule gets a folder named after it. Two rules with one name would overwrite each other; rename one, or convert them into different folders."
    EventUnreadable "SRC009" "an event cannot be read"
        "Events are JSON objects, one on a line, or one list of them. What is something else is named with its line and not judged; the other events are."
    YamlSyntax "YML001" "the YAML is not well-formed"
        "The parser could not read the document. The position is the one at which it gave up; the mistake may stand a little before it."
    YamlShape "YML002" "the YAML has another shape than the format requires"
        "A required key is missing, or a value has the wrong type (a list where a text is required, for example)."
    JsonSyntax "JSN001" "the JSON is not well-formed"
        "The parser could not read the text, and gave up at this place. Comments are read as in resource templates; a comma before a closing bracket is not."
    UnknownKey "YML003" "the format has no such key"
        "The key is kept and written again by a backend of the same format, but no other target can print it."
    PythonSyntax "PY001" "the Python is not well-formed"
        "The rule's Python file was parsed with ruff's parser, which reported a syntax error at this place."
    PythonUnsupported "PY002" "this Python cannot be expressed as a condition"
        "The construct's meaning cannot be written as predicates over one event. The rule is refused rather than translated without it."
    PythonMissingFunction "PY003" "the rule defines no `rule(event)` function"
        "A Panther detection is a Python file with a function `rule` of one parameter that returns whether the event matches."
    PythonBudget "PY004" "the Python expands to too large a condition"
        "Loops over constants are unrolled and helpers inlined; a budget bounds the result. Split the rule, or shorten its constant tables."
    PythonStateful "PY005" "the rule keeps state or reads the clock"
        "The verdict depends on earlier events, a cache or the time of the run, which no condition over one event can express."
    PythonOutput "PY006" "this output cannot be expressed"
        "A title, dedup string, severity or alert context is computed in a way that has no term in the IR. The condition is not affected."
    PythonNesting "PY007" "the Python is nested too deeply"
        "Brackets, blocks and chains of operators are read to a fixed depth, so that no input can exhaust the stack."
    PythonApproximate "PY008" "events of an unexpected shape may get another verdict"
        "Where an item of a list, or the list itself, has a type that the rule is not written for, Python raises an exception at that item or goes through characters and keys. The condition treats such events as described in the message; events of the expected shape get Python's verdict."
    PythonCarried "PY009" "the rule reads what an earlier event left"
        "A global, or a list or dictionary of a module, is changed by the rule's functions and read by `rule()` before this event has set it. Python keeps it between events, so the verdict would depend on what came before. Assign it at the top of `rule()`, or keep it in a local name."
    PythonClock "PY010" "the rule reads the clock"
        "The verdict depends on the time at which the rule runs, which no condition over one event can express. Compare the event's own times with each other, or leave the age of an event to the query or the deduplication period. A clock that only a title or an alert context reads costs that output alone. A policy may read it: it is judged at the time of a scan."
    PantherUnsupported "PAN001" "this part of a Panther document is not read"
        "A condition of a simple detection, or a key or form of a correlation, has a meaning that rulec does not know. The rule is refused rather than translated without it."
    KqlSyntax "KQL001" "the KQL is not well-formed"
        "The query does not follow the Kusto grammar at this place; the message says what was expected."
    KqlUnsupported "KQL002" "this KQL cannot be expressed in the IR"
        "The operator or function is valid KQL, but has no counterpart in the IR yet. The stage is kept as text, which only a backend of the same format may print."
    KqlNesting "KQL003" "the query is nested too deeply"
        "Expressions are read to a fixed depth, so that no input can exhaust the stack."
    KqlUnknownName "KQL004" "the name is not defined"
        "The column, variable or function is neither a column of the table's schema nor defined by an earlier statement or stage."
    KqlType "KQL005" "the operand has the wrong type"
        "Kusto refuses this operator or call for operands of these types. The types of columns are those of the table's schema, or follow from the stages before."
    KqlArguments "KQL006" "the arguments do not fit the function"
        "A function requires a number of arguments, and names of arguments are those of its parameters. The same holds for the names before a result of several values, and for the values of a data table."
    KqlDuplicateName "KQL007" "the name is taken"
        "A stage names each of its columns once, a query each of its variables. Kusto refuses the second one rather than replace the first."
    KqlContext "KQL008" "this cannot stand here"
        "The place requires something else: a scalar where a table stands, an aggregate where a column stands, a column of the other side in the condition of a join. Aggregates can stand in `summarize` and its like only."
    KqlComparison "KQL009" "values of these types cannot be compared"
        "Kusto's language service accepts the comparison, but the engine refuses to compare a text with a number, or two dynamic values, when the query runs. Convert one side. The types of columns come from the schemas that ship with rulec; a workspace can have others, which is why this is a warning."
    KqlRegex "KQL010" "the regular expression is not well-formed"
        "Kusto reads regular expressions as RE2 does: without look-around and back-references. A query with a malformed one is accepted when it is saved and fails when it runs."
    KqlAddressRange "KQL011" "the address range is not well-formed"
        "A range is written as an address, a slash and the length of its prefix. What is no range matches no address, and the engine does not say so."
    RuleMetadata "RUL001" "a metadata value was not understood"
        "A severity, duration, ATT&CK id or similar value is not one the format allows. It is kept as text where possible."
    TestShape "RUL002" "a test is not usable"
        "A test needs a name, an event that is an object, and an expected verdict."
    DuplicateId "RUL003" "two rules have one id"
        "An id names one rule. Tools that deploy rules write the second one over the first; give one of them an id of its own."
    SentinelId "SEN001" "the id is not a GUID"
        "Sentinel names a rule template by a GUID, such as 0f2aa22b-9b2c-4f5c-8f21-5b1d7a3e9c10. Any other text is refused when the rule is published."
    SentinelName "SEN002" "the name is missing or too long"
        "A rule has a name of at most 256 characters."
    SentinelDescription "SEN003" "the description is missing or too long"
        "A rule has a description of at most 5,000 characters."
    SentinelQuery "SEN004" "the query is missing or too long"
        "A query has 1 to 10,000 characters, comments and white space counted. Long lists belong in a watchlist or a saved function."
    SentinelVersion "SEN005" "the version is missing or not of the form 1.2.3"
        "A version is three numbers with dots between them, of at most 20 characters. The content hub offers an update only where the version has grown."
    SentinelKind "SEN006" "the kind is missing or not known"
        "A rule that runs a query is of the kind Scheduled or NRT. Documents with a schedule need the key; hunting queries have neither."
    SentinelConnectors "SEN007" "the required data connectors are missing or have another shape"
        "A scheduled rule lists the connectors that it needs, each with `connectorId` and the list `dataTypes`. A rule that needs none says so with an empty list."
    SentinelSeverity "SEN008" "the severity is missing or not known"
        "The severity is Informational, Low, Medium or High, in exactly this spelling."
    SentinelScheduleMissing "SEN010" "a key of the schedule is missing"
        "A scheduled rule says how often it runs (`queryFrequency`), how far it looks back (`queryPeriod`), and how many rows make an alert (`triggerOperator`, `triggerThreshold`)."
    SentinelDuration "SEN011" "the duration is not well-formed"
        "In YAML a duration is a whole number with `m`, `h` or `d`, or a time span such as 1.02:00:00. In ARM templates it is ISO 8601, such as PT1H or P1D."
    SentinelDurationRange "SEN012" "the duration is too short or too long"
        "`queryFrequency` and `queryPeriod` lie between 5 minutes and 14 days."
    SentinelPeriod "SEN013" "the rule looks back less far than it runs apart"
        "With a `queryPeriod` shorter than the `queryFrequency`, no run would see the events in between."
    SentinelLongPeriod "SEN014" "the rule looks back far and runs too often"
        "A rule that looks back 2 days or more runs at most once an hour."
    SentinelTriggerOperator "SEN015" "the trigger's operator is not known"
        "The operator is gt, lt, eq or ne, or in ARM templates GreaterThan, LessThan, Equal or NotEqual."
    SentinelTriggerThreshold "SEN016" "the trigger's threshold is not a whole number up to 10,000"
        "The threshold is compared with the number of rows of the result; it is a whole number from 0 to 10,000."
    SentinelNrtSchedule "SEN017" "a near-real-time rule has a schedule"
        "A rule of the kind NRT runs every minute over the events that have come in. `queryFrequency`, `queryPeriod`, `triggerOperator` and `triggerThreshold` have no place in it."
    SentinelTactic "SEN020" "the tactic is not one of Sentinel's words"
        "Tactics are written in one word with capitals inside, as in CommandAndControl, and exactly so."
    SentinelTechnique "SEN021" "the technique is not of the form T1234"
        "A technique of ATT&CK is written T1234, a sub-technique T1234.001."
    SentinelTechniqueTactic "SEN022" "no tactic of the technique is listed"
        "A technique counts under a tactic. None of the tactics that ATT&CK has it under is in `tactics`, so the coverage view cannot place it."
    SentinelEntityCount "SEN030" "too few or too many entity mappings"
        "`entityMappings` has 1 to 10 entities, each with 1 to 3 identifiers. Where there is nothing to map, leave the key out."
    SentinelEntityType "SEN031" "the entity type is not known"
        "An entity is of one of the types that Sentinel has pages for, such as Account, Host, IP or URL, in exactly this spelling."
    SentinelIdentifier "SEN032" "the entity type has no such identifier"
        "Each entity type has identifiers of its own; an Account, for example, has Name, UPNSuffix or Sid, and an IP has Address."
    SentinelIdentifierTwice "SEN033" "the identifier is mapped twice"
        "Within one mapping each identifier stands once. A second value of the same identifier is a second entity of the same type."
    SentinelIdentifierRequired "SEN034" "the entity is not identified"
        "Of each entity type some identifiers are strong enough to name an entity, and one of them must be mapped. Without one no entity is made."
    SentinelColumnName "SEN035" "this is not a column name"
        "The name of a column starts with a letter or an underscore, goes on with letters, digits and underscores, and has at most 500 characters. Expressions belong in the query."
    SentinelColumn "SEN036" "the column is not in the query's result"
        "Entities, custom details and placeholders take their values from the columns of the result. A column that is not there stays empty in every alert; extend or project it in the query."
    SentinelLegacyEntity "SEN037" "a column of the old entity mapping is not mapped"
        "Queries used to name columns AccountCustomEntity, HostCustomEntity and so on to say what an alert is about. Sentinel now asks for `entityMappings`; without an entry the column is only a column."
    SentinelDetails "SEN040" "too many custom details, or a name that is not allowed"
        "There are at most 20 custom details. The name of one starts with a letter, goes on with letters, digits and underscores, and has at most 20 characters."
    SentinelAlertText "SEN041" "a text of the alert is empty or too long"
        "`alertDisplayNameFormat` has 1 to 256 characters, `alertDescriptionFormat` 1 to 5,000."
    SentinelPlaceholders "SEN042" "too many placeholders, or one that is not closed"
        "A text of the alert takes the values of at most 3 columns, each written `{{Column}}`."
    SentinelGrouping "SEN043" "the grouping of events is not known"
        "`aggregationKind` is SingleAlert, one alert for all rows, or AlertPerResult, one for each."
    SentinelIncident "SEN044" "a setting of the incident is not known"
        "`groupingConfiguration` groups by `matchingMethod` AllEntities, AnyAlert or Selected, over a `lookbackDuration` of 5 minutes to 7 days."
    SentinelSuppression "SEN045" "the suppression is not complete"
        "`suppressionDuration` is a duration of 5 minutes to 24 hours, and no shorter than `queryFrequency` where `suppressionEnabled` is true."
    SigmaCondition "SIG001" "the Sigma condition is not well-formed"
        "The condition does not follow the specification's grammar, or names a selection that the rule does not define."
    SigmaModifier "SIG002" "the Sigma modifier is not known or does not fit its value"
        "The modifier is not part of the specification, or cannot be applied to a value of this type."
    SigmaUnsupported "SIG003" "this Sigma construct cannot be expressed in the IR"
        "The construct is valid Sigma but not supported. The rule is refused rather than translated without it."
    SigmaPlaceholder "SIG004" "a placeholder of the Sigma rule has no value"
        "Under `expand`, `%name%` in a value stands for values of one's own environment, such as the names of servers. Without them the rule cannot be translated, so it is refused. They are given with `--placeholders FILE`, a YAML file of names and lists of values."
    SigmaFilter "SIG005" "the Sigma filter does not do what it seems to"
        "A filter's condition is joined by `and` to the conditions of the rules that it names: to leave events out it has to begin with `not`. A filter whose rules are not among those that were read does nothing."
    NativeVersion "NAT001" "the native form has an unknown version"
        "The JSON form carries a version number; this build reads version 1."
    NativeShape "NAT002" "the native form is not a rule"
        "The JSON does not follow the shape of the native form."
    LogSourceShape "LOG001" "the log source file has another shape than required"
        "A required key is missing, a key is not known, or a value has the wrong type. CONTRIBUTING.md shows the keys, and so do the files under `schemas`."
    LogSourceFact "LOG002" "the log source file contradicts itself or a table's schema"
        "A column that the table's schema does not have or has in another type, a name that stands for two things, a path through a list without `[]`, a map of values that cannot be turned round, or a reference that leads nowhere. A translation by such a fact would be wrong without a word."
    LogSourceAccess "LOG003" "a field of the log source file cannot be read in its table"
        "The expression that a query would read the field with does not parse or does not bind against the table's schema."
    UnmappedSource "MAP001" "the log source is not known in the target"
        "No log source of the crosswalk joins the rule's source with one of the target. Without it no table or log type can be named."
    UnmappedField "MAP002" "the field has no counterpart in the target"
        "The crosswalk has no name for the field in the target system: no entry, none that holds it, and no column of that very name. A condition is never written without it; the message gives a file for `--schema` that would name it, `--unmapped warn` and `--unmapped passthrough` write it under its own name, `--approximate wider` takes the test to be what makes the rule match more."
    UnmappedColumn "MAP003" "the column is not in the crosswalk"
        "The table is known, but this column has no canonical field. It is kept under its own name."
    AttackUnknown "MAP004" "the ATT&CK id is not known"
        "The id is not in the ATT&CK version that rulec carries; it may be revoked or misspelt."
    CustomSource "MAP005" "the log source has no name in Sigma's taxonomy"
        "Sigma leaves it open how log sources are called, and its taxonomy has no name for this one. The rule is written under a name of rulec's own, which rulec reads again; a pipeline that converts the rule for a SIEM has to say where its events are."
    ShownWithout "MAP006" "the alert shows less than the rule's"
        "A title, a text or an output shows a field that the target has no name for. It is written as the rule shows it for an event without the field; an output that is nothing but such fields is left out. The rule alerts on the same events. The message gives a file for `--schema` that would name the field; `--deny narrower` refuses the rule."
    Enriched "MAP007" "the rule asks for what was looked up for an event"
        "Panther can add to an event what lookups found for its addresses and names. No table has that, and an event for which nothing was found is an ordinary one: where the rule only leaves events out by what was found, it is written as for such an event, and also matches those that it would leave out. `--deny wider` refuses it. A rule that asks for something to be found has no translation."
    Wider "FID001" "the translation is wider than the source"
        "The emitted rule may also match events that the source rule does not. Every event that the source matches is still matched. `--deny wider` refuses it."
    Narrower "FID002" "the translation is narrower than the source"
        "The emitted rule may miss events that the source rule matches. Where it reads or counts fewer events than it could, such as a table or a window less, it is refused unless `--approximate narrower` allows it; what the target's tables do not hold, or do not tell apart, is told. `--deny narrower` refuses both."
    Unsupported "FID003" "the target cannot express this"
        "The construct has no counterpart in the target and is left out of the output. For a part of the condition the rule is not emitted at all; an output or a piece of metadata is left out and named here."
    WindowKind "FID004" "the target counts in another kind of window"
        "Panther's window starts at the first match, a KQL `bin` is aligned to the clock, Sigma leaves the choice to the engine. Near the edges of a window the two can count differently."
    ResidueBlocks "FID005" "the rule has a part that only its own format can express"
        "A stage of the source was kept as text. Only a backend of the same format may print it; every other target refuses the rule, because its condition would not be complete."
    LeftOut "FID006" "a key of the rule has no place in the target"
        "Formats have keys of their own: who is told, how a page shows an alert, where a rule came from. They say nothing of which events match. Those that the target's files have no place for are left out and named here; a JSON report lists them under `left_out`, and they are no constructs that are wider, narrower or unsupported."
    TestFailed "TST001" "a test of the rule gives another verdict"
        "The reference evaluator ran the rule's own test and came to another verdict than the one expected."
    TranslationDisagrees "TST002" "the translation says otherwise than the rule"
        "The translation was read back, and both sides were judged on one event, or on a sequence of events about the threshold. Their verdicts differ where the report says that they do not: an exact translation has the rule's verdict on every event, a wider one matches wherever the rule does, a narrower one nowhere else. The event is as small as it could be made, and the place is that of the part of the rule that decides. A fault of rulec, or of a template: please report it with the event."
    SnapshotFidelity "SNP001" "the translation keeps more or less of the rule than the snapshot"
        "More or fewer constructs of the rule are wider, narrower or unsupported than when the snapshot was taken. What is new and what is gone is listed with its reason, and so is what changed since: a file, a log source, an option, or rulec. `rulec snapshot --accept` takes it over."
    SnapshotText "SNP002" "the translation differs from the snapshot"
        "The files that rulec writes for the rule now are not those of the snapshot, though as much is kept. The diff shows the difference; `rulec snapshot --accept` takes it over."
    SnapshotRefused "SNP003" "the rule is no longer translated"
        "The snapshot has a translation, and now the rule is refused for the given reasons, or its file cannot be read."
    SnapshotTranslated "SNP004" "the rule is translated now"
        "The snapshot records that the rule was refused, and now there is a translation."
    SnapshotReason "SNP005" "the rule is refused for another reason"
        "The rule was refused when the snapshot was taken, and still is, with other codes."
    SnapshotNew "SNP006" "the snapshot lacks the rule"
        "The collection has a rule, or a target was asked for, that the snapshot does not have yet."
    SnapshotVanished "SNP007" "the rule of the snapshot is gone"
        "The snapshot has a translation of a rule that the collection no longer has, or for a target that was not asked for. `rulec snapshot --accept` removes its files."
    SnapshotUnreferenced "SNP008" "the snapshot's folder holds a file of no rule"
        "The file is in no manifest, so nobody keeps it up to date; it may be left from a merge. rulec never removes what it has not written: remove it, or keep it elsewhere. Hidden files are left alone."
    SnapshotStale "SNP009" "the manifest is out of date, the translations are not"
        "A file, a log source, an option or rulec changed since the snapshot was taken, and no translation did. That is no failure; `rulec snapshot --accept` writes down what is true now, so that the next change is put down to the right cause."
    SnapshotUnusable "SNP010" "the snapshot cannot be used"
        "The manifest is missing, damaged, or of a form that this version of rulec does not read. Take it back from version control, or write the snapshot anew."
    Usage "CLI001" "the command line is not valid"
        "An option has a value that it does not take, or options exclude each other."
}

impl Code {
    /// The table's entry.
    pub fn info(self) -> CodeInfo {
        CODES[self as usize]
    }

    /// Whether it says how a rule fits the IR, and nothing of whether the rule itself is in order.
    pub fn is_about_translation(self) -> bool {
        matches!(
            self,
            Self::KqlUnsupported
                | Self::UnmappedSource
                | Self::UnmappedField
                | Self::UnmappedColumn
                | Self::Enriched
                | Self::Wider
                | Self::Narrower
                | Self::Unsupported
                | Self::WindowKind
                | Self::ResidueBlocks
        )
    }

    /// As printed, for example `KQL001`.
    pub fn name(self) -> &'static str {
        self.info().name
    }

    /// The code that is printed as `name`, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        CODES
            .iter()
            .find(|info| info.name.eq_ignore_ascii_case(name))
            .map(|info| info.code)
    }
}
