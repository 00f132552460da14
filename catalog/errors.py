"""What can be wrong with the catalog as a whole."""

from errors import VasariError


class CatalogError(VasariError):
    """The catalog cannot be used as it is; the message says what to do."""


class InvalidAddress(CatalogError):
    """This is no address of a database."""


class CatalogUnreachable(CatalogError):
    """No database answers at the address given."""


class CatalogBusy(CatalogError):
    """Two transactions stood in one another's way, and this one gave in: it can be done again."""


class SchemaTooNew(CatalogError):
    """The database was migrated by a newer Vasari than this one."""


class SchemaOutdated(CatalogError):
    """The database waits for a migration that nobody has run."""


class SchemaUnclear(CatalogError):
    """The tables are those of no schema revision, so that no migration can start from them."""


class CatalogDamaged(CatalogError):
    """What is in the catalog's file is no catalog, or no longer one."""


class CatalogDiskFull(CatalogError):
    """The disk has no room for what was to be written; nothing of it was."""


class CatalogNotAccessible(CatalogError):
    """The catalog's file cannot be opened, read or written."""
