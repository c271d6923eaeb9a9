"""The console of agents and trainers: NiceGUI pages, made of the labelled parts of `web.console.kit`."""
