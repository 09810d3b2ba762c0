// What statements are taken for by their text: the only mistake allowed is to take a reader for a writer.
package dev.beehive.runtime.offload;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class SqlTextTest {
    @Test
    void queriesOfRowsOnlyRead() {
        for (String sql : List.of("select * from t where id = ?", "  SELECT count(*), lower(a)\n from t where b in (?, ?)",
                "/* criteria */ select t.id from t t where exists (select 1 from u)")) {
            assertTrue(SqlText.readsOnly(sql), sql);
            assertFalse(SqlText.changesSession(sql), sql);
            assertFalse(SqlText.mayCommit(sql), sql);
        }
    }

    @Test
    void whateverMayWriteWrites() {
        for (String sql : List.of("insert into t values (1)", "select nextval('s')", "select my_function(1)",
                "select * from t for update", "select 1; delete from t", "select 1 -- x\n, f(2)", "select \"f\"(1)",
                "with x as (delete from t returning *) select * from x", "select a into b from c", "{call p(?)}")) {
            assertFalse(SqlText.readsOnly(sql), sql);
        }
    }

    @Test
    void whatIsLeftInTheSessionIsTold() {
        for (String sql : List.of("set search_path = x", "SET ROLE admin", "listen jobs", "create temp table x (a int)",
                "select pg_advisory_lock(1)", "select pg_try_advisory_lock(1)", "lock tables t write", "commit",
                "select set_config('a', 'b', false)", "select get_lock('a', 1)", "reset all", "discard all")) {
            assertTrue(SqlText.changesSession(sql), sql);
        }
        for (String sql : List.of("set local statement_timeout = 1", "set transaction read only", "update settings set a = 1",
                "select pg_advisory_xact_lock(1)", "create temp table x (a int) on commit drop", "savepoint a")) {
            assertFalse(SqlText.changesSession(sql), sql);
        }
    }

    @Test
    void definitionsAndProceduresMayCommit() {
        for (String sql : List.of("create table t (a int)", "truncate t", "{call p(?)}", "call p()", "do $$ begin end $$")) {
            assertTrue(SqlText.mayCommit(sql), sql);
        }
        assertFalse(SqlText.mayCommit("update t set a = 1"));
    }
}
