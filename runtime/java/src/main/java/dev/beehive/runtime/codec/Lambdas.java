// The lambdas of this JVM that the other side can make too: recorded where they are linked (hook.LambdaSites), or found
// out from their classes (the JDK's own), and made anew from their recipe where they arrive. Captured values travel as
// the fields of an ordinary object.
package dev.beehive.runtime.codec;

import dev.beehive.runtime.memory.TrustedLookup;
import java.lang.invoke.MethodHandles;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Hidden classes and their recipes. */
public final class Lambdas {
    private static final Map<Class<?>, LambdaRecipe> RECIPES = new ConcurrentHashMap<>();
    private static final Map<LambdaRecipe, Class<?>> SPUN = new ConcurrentHashMap<>();
    /** Kept with the class, so that it does not outlive it. */
    private static final ClassValue<Optional<LambdaRecipe>> FOUND_OUT = new ClassValue<>() {
        @Override
        protected Optional<LambdaRecipe> computeValue(Class<?> type) {
            return Optional.ofNullable(JdkLambdas.recipeOf(type));
        }
    };

    private Lambdas() {
    }

    /** Remembers how a hidden class was made. */
    public static void record(Class<?> hidden, LambdaRecipe recipe) {
        RECIPES.put(hidden, recipe);
    }

    static LambdaRecipe recipeOf(Class<?> type) {
        if (!type.isHidden()) {
            return null;
        }
        LambdaRecipe recorded = RECIPES.get(type);
        return recorded != null ? recorded : FOUND_OUT.get(type).orElse(null);
    }

    /** Whether an object is a lambda that captures nothing: wherever it is made, it is the same. */
    public static boolean isStateless(Object lambda) {
        LambdaRecipe recipe = recipeOf(lambda.getClass());
        return recipe != null && recipe.factory().parameterCount() == 0;
    }

    /** The class of the lambda here. All connections share it: what they capture is in the instances. */
    static Class<?> spin(LambdaRecipe recipe) throws MalformedMessage {
        Class<?> known = SPUN.get(recipe);
        if (known != null) {
            return known;
        }
        try {
            MethodHandles.Lookup caller = TrustedLookup.in(recipe.caller());
            Class<?> made = recipe.link(caller);
            RECIPES.put(made, recipe);
            SPUN.put(recipe, made);
            return made;
        } catch (Throwable e) {
            throw new MalformedMessage("a lambda of " + recipe.caller().getName() + " cannot be made here", e);
        }
    }
}
