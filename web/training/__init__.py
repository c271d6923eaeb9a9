"""Teaching the assistant: what it misread is reviewed, written to the data, learnt, compared and put to use.

`web.training.service.Training` is the whole of it for the trainers' pages; `web.training.shapes` holds what it
gives and takes. What needs the models or the variants is done by the commands of those rooms, as child processes.
"""
