package org.elasticsearch.plugins; // LoadedPlugin is visible in here only

import java.util.List;
import java.util.stream.Stream;
import org.elasticsearch.Version;
import org.elasticsearch.env.Environment;

/** Plugins that stand on the class path, in place of those of a plugins folder. */
public final class GivenPlugins extends PluginsService {
    private final List<LoadedPlugin> given;

    public GivenPlugins(Environment environment, PluginsLoader loader, Plugin... plugins) {
        super(environment.settings(), environment.configDir(), loader);
        given = Stream.of(plugins).map(GivenPlugins::loaded).toList();
    }

    private static LoadedPlugin loaded(Plugin plugin) {
        Class<?> type = plugin.getClass();
        String version = Version.CURRENT.toString();
        PluginDescriptor about = new PluginDescriptor(
            type.getSimpleName(), "given on the class path", version, version, "17", type.getName(), null, List.of(), false, false, false, false);
        return new LoadedPlugin(about, plugin, type.getClassLoader());
    }

    /** The constructor above asks before the list is there. */
    @Override
    protected List<LoadedPlugin> plugins() {
        return given == null ? List.of() : given;
    }
}
