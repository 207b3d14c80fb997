; Inno Setup 6: one installer, for one user, without an administrator.
;   iscc /DVersion=1.2.3 packaging\windows\regard.iss
; It is signed where a tool named "regard" is configured: iscc /Sregard="signtool sign … $f" /DSign …

#ifndef Version
  #define Version "0.1.0"
#endif
; The numbers alone, as Windows wants them: without what follows in development versions.
#define Numbers Pos(".dev", Version) > 0 ? Copy(Version, 1, Pos(".dev", Version) - 1) : Version

[Setup]
AppId={{6B7C7C52-8C0E-4A53-9B5E-0E3F6C7E2A11}
AppName=Regard
AppVersion={#Version}
AppVerName=Regard {#Version}
AppPublisher=The authors of Regard
VersionInfoVersion={#Numbers}
DefaultDirName={autopf}\Regard
DefaultGroupName=Regard
DisableProgramGroupPage=yes
DisableDirPage=auto
PrivilegesRequired=lowest
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
LicenseFile=..\..\LICENSE
OutputDir=..\..\dist
OutputBaseFilename=regard-{#Version}-windows-amd64-setup
SetupIconFile=..\..\build\package\regard.ico
UninstallDisplayIcon={app}\Regard.exe
Compression=lzma2/max
SolidCompression=yes
LZMANumBlockThreads=2
ChangesAssociations=yes
CloseApplications=yes
WizardStyle=modern
#ifdef Sign
SignTool=regard
SignedUninstaller=yes
#endif

[Languages]
Name: en; MessagesFile: compiler:Default.isl
Name: fr; MessagesFile: compiler:Languages\French.isl

[CustomMessages]
en.Camera=Regard shows what your camera sees. Windows asks for it under Settings, Privacy, Camera: "Let desktop apps access your camera". The pictures stay on this computer.
fr.Camera=Regard montre ce que voit votre caméra. Windows le demande dans Paramètres, Confidentialité, Caméra : « Autoriser les applications de bureau à accéder à votre caméra ». Les images restent sur cet ordinateur.
en.Associate=Offer Regard for pictures, videos and ONNX models ("Open with")
fr.Associate=Proposer Regard pour les images, les vidéos et les modèles ONNX (« Ouvrir avec »)
en.OnnxModel=ONNX model
en.Lesson=Lesson taught in Regard
fr.OnnxModel=Modèle ONNX
fr.Lesson=Leçon apprise dans Regard

[Tasks]
Name: desktopicon; Description: "{cm:CreateDesktopIcon}"; Flags: unchecked
Name: associate; Description: "{cm:Associate}"

[Files]
Source: ..\..\dist\regard\*; DestDir: {app}; Flags: recursesubdirs createallsubdirs ignoreversion

[InstallDelete]
; Libraries of the version before, under other names.
Type: filesandordirs; Name: {app}\_internal

[Icons]
Name: {group}\Regard; Filename: {app}\Regard.exe; AppUserModelID: org.regard.Regard
Name: {userdesktop}\Regard; Filename: {app}\Regard.exe; Tasks: desktopicon

[Registry]
Root: HKA; Subkey: Software\Classes\Applications\Regard.exe; ValueType: string; ValueName: FriendlyAppName; ValueData: Regard; Flags: uninsdeletekey
Root: HKA; Subkey: Software\Classes\Applications\Regard.exe\shell\open\command; ValueType: string; ValueData: """{app}\Regard.exe"" ""%1"""; Tasks: associate
Root: HKA; Subkey: Software\Classes\Applications\Regard.exe\SupportedTypes; ValueType: string; ValueName: .jpg; ValueData: ""; Tasks: associate
Root: HKA; Subkey: Software\Classes\Applications\Regard.exe\SupportedTypes; ValueType: string; ValueName: .jpeg; ValueData: ""; Tasks: associate
Root: HKA; Subkey: Software\Classes\Applications\Regard.exe\SupportedTypes; ValueType: string; ValueName: .png; ValueData: ""; Tasks: associate
Root: HKA; Subkey: Software\Classes\Applications\Regard.exe\SupportedTypes; ValueType: string; ValueName: .webp; ValueData: ""; Tasks: associate
Root: HKA; Subkey: Software\Classes\Applications\Regard.exe\SupportedTypes; ValueType: string; ValueName: .bmp; ValueData: ""; Tasks: associate
Root: HKA; Subkey: Software\Classes\Applications\Regard.exe\SupportedTypes; ValueType: string; ValueName: .tif; ValueData: ""; Tasks: associate
Root: HKA; Subkey: Software\Classes\Applications\Regard.exe\SupportedTypes; ValueType: string; ValueName: .tiff; ValueData: ""; Tasks: associate
Root: HKA; Subkey: Software\Classes\Applications\Regard.exe\SupportedTypes; ValueType: string; ValueName: .gif; ValueData: ""; Tasks: associate
Root: HKA; Subkey: Software\Classes\Applications\Regard.exe\SupportedTypes; ValueType: string; ValueName: .heic; ValueData: ""; Tasks: associate
Root: HKA; Subkey: Software\Classes\Applications\Regard.exe\SupportedTypes; ValueType: string; ValueName: .avif; ValueData: ""; Tasks: associate
Root: HKA; Subkey: Software\Classes\Applications\Regard.exe\SupportedTypes; ValueType: string; ValueName: .mp4; ValueData: ""; Tasks: associate
Root: HKA; Subkey: Software\Classes\Applications\Regard.exe\SupportedTypes; ValueType: string; ValueName: .mkv; ValueData: ""; Tasks: associate
Root: HKA; Subkey: Software\Classes\Applications\Regard.exe\SupportedTypes; ValueType: string; ValueName: .webm; ValueData: ""; Tasks: associate
Root: HKA; Subkey: Software\Classes\Applications\Regard.exe\SupportedTypes; ValueType: string; ValueName: .mov; ValueData: ""; Tasks: associate
Root: HKA; Subkey: Software\Classes\Applications\Regard.exe\SupportedTypes; ValueType: string; ValueName: .avi; ValueData: ""; Tasks: associate
Root: HKA; Subkey: Software\Classes\Applications\Regard.exe\SupportedTypes; ValueType: string; ValueName: .mpg; ValueData: ""; Tasks: associate
Root: HKA; Subkey: Software\Classes\.onnx\OpenWithProgids; ValueType: string; ValueName: Regard.onnx; ValueData: ""; Flags: uninsdeletevalue; Tasks: associate
Root: HKA; Subkey: Software\Classes\Regard.onnx; ValueType: string; ValueData: {cm:OnnxModel}; Flags: uninsdeletekey; Tasks: associate
Root: HKA; Subkey: Software\Classes\Regard.onnx\DefaultIcon; ValueType: string; ValueData: {app}\Regard.exe,0; Tasks: associate
Root: HKA; Subkey: Software\Classes\Regard.onnx\shell\open\command; ValueType: string; ValueData: """{app}\Regard.exe"" ""%1"""; Tasks: associate
Root: HKA; Subkey: Software\Classes\.regard\OpenWithProgids; ValueType: string; ValueName: Regard.lesson; ValueData: ""; Flags: uninsdeletevalue; Tasks: associate
Root: HKA; Subkey: Software\Classes\Regard.lesson; ValueType: string; ValueData: {cm:Lesson}; Flags: uninsdeletekey; Tasks: associate
Root: HKA; Subkey: Software\Classes\Regard.lesson\DefaultIcon; ValueType: string; ValueData: {app}\Regard.exe,0; Tasks: associate
Root: HKA; Subkey: Software\Classes\Regard.lesson\shell\open\command; ValueType: string; ValueData: """{app}\Regard.exe"" ""%1"""; Tasks: associate

[Run]
Filename: {app}\Regard.exe; Description: "{cm:LaunchProgram,Regard}"; Flags: nowait postinstall skipifsilent

[Code]
procedure CurPageChanged(CurPageID: Integer);
begin
  if CurPageID = wpFinished then
    WizardForm.FinishedLabel.Caption := WizardForm.FinishedLabel.Caption + #13#10#13#10 + CustomMessage('Camera');
end;
