// What can be told of a statement by its text: whether it only reads, whether it leaves something behind in the session
// that the next user of the connection would meet. In doubt it writes; a function hidden in a view is not seen.
package dev.beehive.runtime.offload;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Decided by words, once a text; so a word inside a string may make a reader a writer, never the other way round. */
public final class SqlText {
    private static final List<String> MORE_THAN_READ = List.of(" into ", "for update", "for share", "for no key",
        "for key", ";", "--", "/*");
    private static final Pattern CALL = Pattern.compile("([a-z_][a-z0-9_.$]*)\\s*\\(");
    /** Words that may stand before a parenthesis without writing: functions of several databases, and keywords. */
    private static final Set<String> PURE = Set.of("count", "sum", "min", "max", "avg", "coalesce", "nullif", "lower",
        "upper", "length", "char_length", "substring", "substr", "trim", "ltrim", "rtrim", "replace", "concat",
        "concat_ws", "left", "right", "position", "abs", "round", "ceil", "ceiling", "floor", "mod", "power", "sqrt",
        "greatest", "least", "cast", "convert", "extract", "date_trunc", "date_part", "to_char", "to_date",
        "to_timestamp", "to_number", "year", "month", "day", "date", "now", "ifnull", "isnull", "nvl", "if", "decode",
        "row_number", "rank", "dense_rank", "lag", "lead", "first_value", "last_value", "ntile", "string_agg",
        "array_agg", "group_concat", "listagg", "json_agg", "jsonb_agg", "json_build_object", "jsonb_build_object",
        "unnest", "generate_series", "numeric", "decimal", "varchar", "char", "in", "exists", "and", "or", "not",
        "any", "all", "some", "over", "from", "join", "on", "using", "where", "select", "by", "having", "values",
        "when", "then", "else", "as", "union", "except", "intersect", "filter", "within", "like", "between", "lateral",
        "limit", "offset", "distinct", "partition", "is", "case", "array", "row", "ilike", "ts_rank", "to_tsvector",
        "to_tsquery", "plainto_tsquery", "regexp_replace", "split_part", "md5", "initcap", "reverse", "sign");
    private static final Pattern SESSION = Pattern.compile("^(set|reset|discard|listen|unlisten|load|use|prepare"
        + "|deallocate|declare|lock tables|unlock tables|create (global |local )?temp(orary)? |alter session|handler"
        + "|begin|start transaction|commit|rollback|savepoint|end)\\b.*", Pattern.DOTALL);
    private static final Pattern OF_TRANSACTION = Pattern.compile("^(set (local|transaction|constraints)\\b"
        + "|savepoint|rollback to\\b|create (global |local )?temp(orary)? .*on commit drop).*", Pattern.DOTALL);
    private static final List<String> SESSION_FUNCTIONS = List.of("pg_advisory_lock", "pg_try_advisory_lock",
        "pg_advisory_unlock", "get_lock(", "release_lock(", "release_all_locks(", "set_config(", "sp_getapplock");

    private static final Pattern OF_ROWS = Pattern.compile("^(\\(|(select|insert|update|delete|merge|with|values|table"
        + "|upsert|replace|savepoint|release|rollback to|set)\\b)");
    private static final Pattern QUOTED_CALL = Pattern.compile("[\"`\\]]\\s*\\(");
    private static final Pattern FIRST_COMMENT = Pattern.compile("^\\s*/\\*[^*]*\\*/");
    private static final int KNOWN_MAX = 10_000;
    private static final Map<String, SqlText> KNOWN = new ConcurrentHashMap<>();

    private final boolean readsOnly;
    private final boolean changesSession;
    private final boolean mayCommit;

    private SqlText(String sql) {
        String text = FIRST_COMMENT.matcher(sql.toLowerCase(Locale.ROOT)).replaceFirst("").replaceAll("\\s+", " ").strip();
        readsOnly = findReadsOnly(text);
        boolean session = SESSION.matcher(text).matches() && !OF_TRANSACTION.matcher(text).matches();
        mayCommit = !OF_ROWS.matcher(text).find();
        changesSession = session || SESSION_FUNCTIONS.stream().anyMatch(text::contains);
    }

    private static SqlText of(String sql) {
        SqlText known = KNOWN.get(sql);
        if (known != null) {
            return known;
        }
        SqlText text = new SqlText(sql);
        if (KNOWN.size() < KNOWN_MAX) {
            KNOWN.put(sql, text);
        }
        return text;
    }

    /** Whether running it again, or never, makes no difference to anyone. */
    public static boolean readsOnly(String sql) {
        return of(sql).readsOnly;
    }

    /** Whether it changes the session beyond the transaction, or ends a transaction by text. */
    public static boolean changesSession(String sql) {
        return of(sql).changesSession;
    }

    /** Whether a database may commit because of it: definitions of tables, procedures, whatever is not known. */
    public static boolean mayCommit(String sql) {
        return of(sql).mayCommit;
    }

    private static boolean findReadsOnly(String text) {
        boolean plain = text.startsWith("select") && MORE_THAN_READ.stream().noneMatch(text::contains)
            && !QUOTED_CALL.matcher(text).find();
        Matcher calls = CALL.matcher(text);
        while (plain && calls.find()) {
            plain = PURE.contains(calls.group(1));
        }
        return plain;
    }
}
