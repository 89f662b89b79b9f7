using System.Reflection;

namespace Traktor.UnitTests.ArchitectureRules;

/// <summary>
/// What a type refers to: bases, attributes, signatures and, what matters most, the bodies of its methods.
/// </summary>
internal static class TypeUse
{
    private const BindingFlags All =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>Every type that <paramref name="type"/> refers to; type arguments taken apart.</summary>
    public static IReadOnlySet<Type> Of(Type type)
    {
        var used = new HashSet<Type>();
        Add(used, type.BaseType);
        AddAll(used, type.GetInterfaces());
        AddAttributes(used, type);
        foreach (var parameter in type.GetGenericArguments())
            AddAll(used, parameter.GetGenericParameterConstraints());
        foreach (var field in type.GetFields(All))
        {
            Add(used, field.FieldType);
            AddAttributes(used, field);
        }

        foreach (var property in type.GetProperties(All))
            AddAttributes(used, property);
        foreach (var method in Methods(type))
            AddMethod(used, method);
        return used;
    }

    /// <summary>Methods and constructors that the type itself declares.</summary>
    public static IEnumerable<MethodBase> Methods(Type type) => [.. type.GetMethods(All), .. type.GetConstructors(All)];

    private static void AddMethod(HashSet<Type> used, MethodBase method)
    {
        AddAttributes(used, method);
        AddSignature(used, method);
        if (method.GetMethodBody() is not { } body)
            return;
        AddAll(used, body.LocalVariables.Select(local => local.LocalType));
        AddAll(
            used,
            body.ExceptionHandlingClauses.Where(clause => clause.Flags == ExceptionHandlingClauseOptions.Clause)
                .Select(clause => clause.CatchType)
        );
        foreach (var operand in CodeReader.Operands(method))
            switch (operand)
            {
                case Type other:
                    Add(used, other);
                    break;
                case FieldInfo field:
                    Add(used, field.DeclaringType);
                    Add(used, field.FieldType);
                    break;
                case MethodBase other:
                    Add(used, other.DeclaringType);
                    AddSignature(used, other);
                    break;
            }
    }

    private static void AddSignature(HashSet<Type> used, MethodBase method)
    {
        AddAll(used, method.GetParameters().Select(parameter => parameter.ParameterType));
        Add(used, (method as MethodInfo)?.ReturnType);
        if (method.IsGenericMethod)
            AddAll(used, method.GetGenericArguments());
    }

    private static void AddAttributes(HashSet<Type> used, MemberInfo member)
    {
        foreach (var attribute in member.GetCustomAttributesData())
        {
            Add(used, attribute.AttributeType);
            AddAll(used, attribute.ConstructorArguments.Select(argument => argument.Value).OfType<Type>());
        }
    }

    private static void AddAll(HashSet<Type> used, IEnumerable<Type?> types)
    {
        foreach (var type in types)
            Add(used, type);
    }

    private static void Add(HashSet<Type> used, Type? type)
    {
        if (type is null || type.IsGenericParameter)
            return;
        if (type.HasElementType)
        {
            Add(used, type.GetElementType());
            return;
        }

        if (type.IsConstructedGenericType)
        {
            AddAll(used, type.GetGenericArguments());
            type = type.GetGenericTypeDefinition();
        }

        if (used.Add(type))
            Add(used, type.DeclaringType);
    }
}
