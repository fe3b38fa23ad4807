"""The frame of CoopDir: settings, URL map, and tools that know no domain model."""
