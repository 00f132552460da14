"""``vasari models``: the models that Vasari knows."""

from embedders import known_models, model_status
from ui import options
from ui.documents import models_document
from ui.session import console, explained_errors, print_json, settings_for
from ui.tables import models_table


def models_command(*, home: options.Home = None, as_json: options.Json = False) -> None:
    """List the models: dimension, weights and where from, licence, ready or why not."""
    with explained_errors(as_json=as_json):
        settings = settings_for(home)
        statuses = [model_status(model.name, settings.weights_dir) for model in known_models()]
        if as_json:
            print_json(models_document(statuses))
        else:
            console.print(models_table(statuses))
