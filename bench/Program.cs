using Traktor.Bench;

switch (args.FirstOrDefault())
{
    case "heal":
        await HealBench.RunAsync(args.Skip(1).ToArray());
        break;
    default:
        Console.Error.WriteLine("Which benchmark? heal [major] [transactions] [rounds]");
        Environment.ExitCode = 2;
        break;
}
