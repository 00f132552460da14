-- The accounts of the page and of ingest, beside the owner of the tables: the page reads, ingest
-- reads and writes rows, and neither can change what the tables are. Run before every start, so
-- that a password that was changed is changed here too.
\set ON_ERROR_STOP on
\set page_password `cat /run/secrets/page_database_password`
\set ingest_password `cat /run/secrets/ingest_database_password`

SELECT format('CREATE ROLE %I LOGIN', wanted.name)
FROM (VALUES ('vasari_page'), ('vasari_ingest')) AS wanted (name)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted.name)
\gexec

ALTER ROLE vasari_page PASSWORD :'page_password';
ALTER ROLE vasari_ingest PASSWORD :'ingest_password';

-- Tables that are there, and those that a migration brings.
GRANT SELECT ON ALL TABLES IN SCHEMA public TO vasari_page;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO vasari_ingest;
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO vasari_ingest;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO vasari_page;
ALTER DEFAULT PRIVILEGES IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO vasari_ingest;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO vasari_ingest;
